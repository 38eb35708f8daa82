# What is wrong with a client list.
manifest-a-text-in-utf-32 = a text in UTF-32
manifest-a-binary-file-or-utf-16-without-its-mark = a binary file (or UTF-16 without its mark)
manifest-a-binary-file = a binary file
manifest-with-a-header = with a header
manifest-without-a-header = without a header
manifest-a-workbook-sheet = a workbook, sheet "{ $sheet }", { $header }
manifest-utf-8-with-a-byte-order-mark = UTF-8 with a byte order mark
manifest-open-it-and-save-it-as-xlsx-or-as-csv-utf-8 = open it and save it as .xlsx or as "CSV UTF-8"
manifest-open-it-in-a-spreadsheet-program-and-save-it = open it in a spreadsheet program and save it as .xlsx
manifest-a-gzip-file = a gzip file
manifest-a-text-document-rtf = a text document (RTF)
manifest-a-picture = a picture
manifest-ask-for-the-list-as-xlsx-or-csv = ask for the list as .xlsx or CSV
manifest-a-text-document = a text document
manifest-a-workbook-that-is-damaged-or-cut-off = a workbook that is damaged or cut off
manifest-save-it-again-or-copy-it-again = save it again, or copy it again
manifest-a-zip-file = a zip file
manifest-unpack-it-and-use-the-list-that-is-in-it = unpack it, and use the list that is in it
manifest-an-xml-table-of-excel-2003-under-another-name = an XML table of Excel 2003 under another name
manifest-export-the-list-of-customers-as-xlsx-or-csv = export the list of customers as .xlsx or CSV instead
manifest-a-web-page-html-under-another-name = a web page (HTML) under another name
manifest-a-web-archive-under-another-name = a web archive under another name
manifest-export-the-list-as-xlsx-or-csv-instead = export the list as .xlsx or CSV instead
manifest-a-vendor-file = a vendor file
manifest-name-it-with-vendor = name it with --vendor, and give the list of firms here
manifest-a-job-file = a job file
manifest-the-list-is-what-its-manifest-names-fullmakt = the list is what its `manifest` names; `fullmakt plan` and `fullmakt run` take a job file
manifest-this-looks-like-a-total-not-a-client-take-the = this looks like a total, not a client; take the row out
manifest-this-looks-like-a-footer-of-the-report-not-a = this looks like a footer of the report, not a client; take the row out
manifest-this-is-the-header-once-more-not-a-client = this is the header once more, not a client; take the row out
manifest-this-is-a-line-not-a-client-take-the-row-out = this is a line, not a client; take the row out
manifest-no-organisation-number-stands-here-a-heading = no organisation number stands here: a heading of a group, or a client whose number is missing; take the row out, or give it its number
manifest-the-manifest-cannot-be-read = the manifest cannot be read: { $error }
manifest-another-program-has-the-file-open = another program has the file open, perhaps Excel: close it there, and try again
manifest-this-is-a-folder-a-manifest-is-a-csv-file-or = this is a folder; a manifest is a CSV file or a workbook
manifest-this-is-no-ordinary-file-a-manifest-is-read = this is no ordinary file; a manifest is read more than once, so save it first
manifest-the-manifest-is-empty-it-needs-a-row-for-each = the manifest is empty: it needs a row for each client
manifest-the-manifest-has-a-header-and-no-rows-it = the manifest has a header and no rows: it needs a row for each client
manifest-the-list-names-no-firm = the list names no firm: it needs a header and a row for each; nothing is carried out
manifest-no-column-has-the-firms = no column has the firms: one must be headed facilitator, or "Org.nr." (line { $line } has { $columns })
manifest-this-is-not-a-list-of-clients = this is { $kind }, not a list of clients; { $advice }
manifest-this-workbook-cannot-be-read-open-it-save-it = this workbook cannot be read ({ $why }); open it, save it again as .xlsx or as "CSV UTF-8", and use that
manifest-this-workbook-is-too-large-to-be-read-save = this workbook is too large to be read ({ $why }); save its list as "CSV UTF-8", and use that
manifest-the-workbook-has-no-sheet-it-has = the workbook has no sheet "{ $wanted }"; it has { $sheets }
manifest-the-job-names-a-sheet-and-this-is-no-workbook = the job names a sheet, and this is no workbook; take `sheet` out of the job
manifest-no-column-is-headed-as-organisation-numbers = no column is headed as organisation numbers; call one of them orgnr, or name it in the job: column = "…" (line { $line } has { $columns })
manifest-unknown-heading = { $number ->
    [one] no column is headed as organisation numbers, but { $columns } seems to hold them; if they are the clients', write column = "{ $first }" in the job, or call it orgnr in line { $line }
   *[other] no column is headed as organisation numbers, but { $columns } seem to hold them; if they are the clients', write column = "{ $first }" in the job, or call it orgnr in line { $line }
 }
manifest-the-first-line-is-data-not-a-header-line-has = the first line is data, not a header (line { $line } has { $columns }); put a line above it that names the columns, with orgnr over the organisation numbers
manifest-the-header-stands-in-line-and-line-above-it = the header stands in line { $header }, and line { $line } above it has a client's number; move the header to the top
manifest-could-both-be-the-clients-organisation = { $columns } could both be the clients' organisation numbers, and they differ; write in the job which it is, such as column = "{ $name }", or call the other something else
manifest-holds-organisation-numbers-of-by-its-heading = { $column } holds organisation numbers of { $whose }, by its heading, and probably not the clients'; if they are the clients', write column = "{ $name }" in the job{ $others }
manifest-no-column-is-headed-as-the-job-says-line-has = no column is headed "{ $wanted }", as the job says (line { $line } has { $columns })
manifest-line-has-several-columns-headed-and-the-job = line { $line } has several columns headed "{ $wanted }", and the job wants one; give them different headings
manifest-columns-and-could-both-say-which-agent-a-row = columns { $first } and { $second } could both say which agent a row is about; call the right one agent and the other something else
manifest-the-jobs-kind-is-manifest-so-that-each-row = the job's kind is manifest, so that each row says what to do, but no column is headed action (with delegate or remove in each row)
manifest-line-a-quote-is-opened-in-this-row-and-never = line { $line }: a quote is opened in this row and never closed; close it, or take it out
manifest-line-rows-may-be-lost-here-a-quote-in-this = line { $line }: rows may be lost here: a quote in this row is closed in a row below it, and what stands between them is read as one cell; close the quote, or take it out (within a quoted text, a quote is written twice)
manifest-line-the-file-ends-in-the-middle-of-this-row = line { $line }: the file ends in the middle of this row, so that rows below it may be lost, too; export the list again
manifest-line-this-row-is-longer-than-64-kb-a-quote = line { $line }: this row is longer than 64 KB; a quote that is never closed, or no CSV file
manifest-organisation-numbers-too = { $number ->
    [one] ; { $columns } holds organisation numbers, too
   *[other] ; { $columns } hold organisation numbers, too
 }
manifest-header-below = { $above ->
    [one] the header stands in line { $line }; the line above it is passed over
   *[other] the header stands in line { $line }; { $above } lines above it are passed over
 }
manifest-line-is-taken-for-the-heading = line { $line } ("{ $name }") is taken for the heading
manifest-name-the-same-clients-a-row-in-which-they = { $columns } name the same clients; a row in which they differ cannot be acted on
manifest-is-taken-for-the-system-user-that-each-row-is = { $column } is taken for the system user that each row is about, and has { $examples }, which is no system user's id: if it is something else (a person, yes or no), give the column another heading
manifest-sheet-is-read-and-not-the-jobs-sheet-says = sheet "{ $read }" is read, and not { $others }; the job's `sheet` says which
manifest-names-another-client = { $column } names another client
manifest-the-client-is-to-be-delegated-and-removed-see = the client is to be delegated and removed, see line { $line }; leave one of the two
manifest-no-action-stands-here-write-delegate-or = no action stands here; write delegate or remove
manifest-an-action-is-delegate-or-remove-or-deleger = an action is delegate or remove (or deleger, fjern); keep (behold) leaves the client as it is
manifest-the-row-says-and-the-job-is-to-every-row-make = the row says { $says }, and the job is to { $does } every row; make its kind manifest, or take the row out
manifest-the-row-says-keep = the row says keep, and the job is to { $does } every row; make its kind manifest, or take the column of actions out
manifest-the-row-has-cells-where-the-header-has-a-name = the row has { $cells } cells where the header has { $names }; a name with the delimiter in it needs quotes
manifest-this-row-is-one-cell-a-spreadsheet-has-not = this row is one cell: a spreadsheet has not divided it. Open the list in the spreadsheet by Data > From text/CSV, with { $delimiter } as the delimiter, and save it as .xlsx
manifest-the-workbook-cannot-be-made = the workbook cannot be made: { $error }
manifest-sheet-has-more-than = sheet { $sheet } has more than { $what }
manifest-ten-million-cells = ten million cells
manifest-256-mb-of-text = 256 MB of text
manifest-the-file-has-more-than-100-mb = the file has more than 100 MB
manifest-sheet-its-cells-are-out-of-order = sheet { $sheet }: its cells are out of order
manifest-its-parts-contradict-each-other = its parts contradict each other
manifest-open-it-with-its-password-and-save-the-list = open it with its password, and save the list without one
manifest-a-workbook-behind-a-password = a workbook behind a password
manifest-in-sheet = { $sheet }, row { $row }
manifest-in-line = line { $line }
manifest-in-line-and-column = line { $line }, column { $column }
manifest-column = column { $position }
manifest-column-named = column { $position } ({ $name })
manifest-semicolons = semicolons
manifest-tabs = tabs
manifest-pipes = pipes
manifest-commas = commas
manifest-a-pdf-file = a PDF file
manifest-a-7-zip-file = a 7-Zip file
manifest-a-rar-file = a RAR file
manifest-a-saf-t-file = a SAF-T file
manifest-an-xml-file = an XML file
manifest-a-json-file = a JSON file
manifest-the-accountant = the accountant
manifest-the-auditor = the auditor
manifest-your-own-firm = your own firm
manifest-the-owner = the owner
manifest-the-parent-company = the parent company
manifest-the-bank = the bank
manifest-the-recipient-of-invoices = the recipient of invoices
manifest-the-supplier = the supplier
manifest-hidden-rows = { $count ->
    [one] a hidden row, { $first }, is read like the others; delete it if it is not meant
   *[other] { $count } hidden rows are read like the others, the first is { $first }; delete them if they are not meant
 }
manifest-hidden-columns = { $count ->
    [one] { $columns } is hidden, and is read like the others
   *[other] { $columns } are hidden, and are read like the others
 }
manifest-it-is-damaged-or-cut-off = it is damaged or cut off
manifest-there-is-no-such-file = there is no such file; check its name and its folder
manifest-there-is-no-such-file-as-nothing-is-replaced = there is no such file; `~`, $HOME and other variables are not replaced in a path: write it out
