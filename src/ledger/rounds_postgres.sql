-- The second version: a round of asking firms is a run. What the first kept of attempts becomes a run for each system.
CREATE TABLE system_user_asks (
    client       BIGINT PRIMARY KEY REFERENCES client_rows (client),
    firm_request BIGINT NOT NULL REFERENCES system_user_requests (firm_request),
    withdraws    TEXT COLLATE "C",
    request_id   TEXT COLLATE "C"
);
CREATE INDEX system_user_asks_of ON system_user_asks (firm_request);

INSERT INTO agents (id) VALUES ('00000000-0000-0000-0000-000000000000') ON CONFLICT DO NOTHING;
INSERT INTO runs (id, job, kind, environment, facilitator, agent, agent_title, job_file, job_text, manifest, dialect, rows,
                  status, program, started_at, finished_at)
    SELECT substr(md5(random()::text), 1, 8), 'request', 'request', environment, '',
           '00000000-0000-0000-0000-000000000000', system_id, '', '', '',
           '{"delimiter":";","encoding":"utf-8-bom","line_ending":"lf","header":["organisation_number","name"],"sheet":null}',
           count(DISTINCT firm_request), 'completed', '', min(sent_at), max(sent_at)
    FROM system_user_attempts JOIN system_user_requests USING (firm_request) GROUP BY environment, system_id;
INSERT INTO client_rows (run, line, organisation_number, name, agent, intent, state, tries, retryable, status, code, message,
                         hint, trace_id, cells)
    SELECT runs.number, firm_request, r.facilitator, name, agents.agent, 'request',
           CASE WHEN state IN ('failed', 'withdrawn') THEN state WHEN state IN ('planned', 'asking', 'withdrawing')
                THEN 'superseded' ELSE 'asked' END,
           r.attempts, retryable, r.status, r.code, r.message, r.hint, r.trace_id, '[]'
    FROM system_user_requests r JOIN runs ON runs.kind = 'request' AND runs.environment = r.environment
         AND runs.agent_title = r.system_id, agents
    WHERE agents.id = '00000000-0000-0000-0000-000000000000'
      AND firm_request IN (SELECT firm_request FROM system_user_attempts);
INSERT INTO system_user_asks (client, firm_request, request_id)
    SELECT client, line, request_id FROM client_rows JOIN system_user_requests ON firm_request = line
    WHERE intent = 'request';
UPDATE client_rows SET line = 0 WHERE intent = 'request';
INSERT INTO attempt_rows (client, agent, operation, verdict, sent_ms, duration_ms, status, code, message, trace_id)
    SELECT k.client, agents.agent, CASE a.call WHEN 'ask' THEN 'request' ELSE a.call END, a.verdict,
           CAST(extract(epoch FROM CAST(a.sent_at AS timestamptz)) * 1000 AS BIGINT), a.duration_ms, a.status, a.code,
           a.message, a.trace_id
    FROM system_user_attempts a JOIN system_user_asks k USING (firm_request), agents
    WHERE agents.id = '00000000-0000-0000-0000-000000000000' ORDER BY a.attempt;
DROP TABLE system_user_attempts;
CREATE VIEW system_user_attempts AS SELECT attempt, firm_request,
    CASE operation WHEN 'request' THEN 'ask' ELSE operation END AS call, verdict, sent_at, duration_ms, status, code,
    message, trace_id
    FROM attempts JOIN system_user_asks USING (client);
