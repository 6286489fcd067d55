"""What SQLite holds, a module a table: functions on a connection, used by ``index.store`` only."""
