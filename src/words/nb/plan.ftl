# En kjøring på skjermen: planen, fremdriften, oppsummeringen, historikken og sammenligningen.
