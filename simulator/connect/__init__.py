"""Connected accounts, transfers, application fees and their reversals."""
