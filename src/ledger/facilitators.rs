//! The firms' party UUIDs, which do not change: looked up once for each environment.

use super::{
    Ledger, LedgerError,
    db::{OptionalExtension, params},
};
use crate::model::{OrganisationNumber, PartyId};

impl Ledger {
    /// The firm's party UUID, where it has been looked up.
    pub fn party_id(
        &self,
        environment: &str,
        facilitator: OrganisationNumber,
    ) -> Result<Option<PartyId>, LedgerError> {
        Ok(self
            .connection
            .query_row(
                "SELECT party_id FROM facilitators WHERE environment = ?1 AND facilitator = ?2",
                params![environment, facilitator.to_string()],
                |row| row.get(0),
            )
            .optional()?)
    }

    /// Keeps what was found out.
    pub fn remember_party_id(
        &mut self,
        environment: &str,
        facilitator: OrganisationNumber,
        party: PartyId,
    ) -> Result<(), LedgerError> {
        let transaction = self.writing()?;
        transaction.execute(
            "INSERT INTO facilitators (environment, facilitator, party_id) VALUES (?1, ?2, ?3)
             ON CONFLICT (environment, facilitator) DO UPDATE SET party_id = excluded.party_id",
            params![environment, facilitator.to_string(), party],
        )?;
        transaction.commit()?;
        Ok(())
    }
}
