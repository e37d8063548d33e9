-- Gives the ledger's two working roles a login, after `phoihop ledger migrate`. The owner gets none, ever.
--
--   export WRITER_PASSWORD=… READER_PASSWORD=…
--   psql "$SUPERUSER_DSN" -f deploy/postgres/logins.sql
--
-- Then PHOIHOP_POSTGRES_DSN=postgresql://phoihop_audit_writer@host/database?passfile=FILE for the audit service, and the
-- reader's for auditors; the password stands in FILE (mode 0600), never in a variable. The ledger needs a database of its own; `phoihop ledger migrate` and `drill` need a superuser.
\set ON_ERROR_STOP on
\getenv writer_password WRITER_PASSWORD
\getenv reader_password READER_PASSWORD

BEGIN;
ALTER ROLE phoihop_audit_writer LOGIN PASSWORD :'writer_password' CONNECTION LIMIT 4;
ALTER ROLE phoihop_audit_reader LOGIN PASSWORD :'reader_password';
ALTER ROLE phoihop_audit_writer SET idle_in_transaction_session_timeout = '1min';
ALTER ROLE phoihop_audit_reader SET default_transaction_read_only = on;
-- The second trace of a reading, beside the fact AuditRead: that of whoever takes this login to psql.
ALTER ROLE phoihop_audit_reader SET log_statement = 'all';
REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO phoihop_audit_writer, phoihop_audit_reader;
COMMIT;
