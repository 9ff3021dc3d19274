# Why a cell is empty. The codes stand apart from the columns, under the key of the row: an attribute of a column is lost
# when rows are taken in base R, and with dplyr it stays while the rows move, so that a wrong code would be given.
missing_code <- function(table, column) {
  if (!(is.character(table) && length(table) == 1 && table %in% names(keys)))
    stop("give the name of a table, in quotes: ", paste(names(keys), collapse = ", "), call. = FALSE)
  rows <- getExportedValue(.packageName, table)
  if (!(is.character(column) && length(column) == 1 && column %in% names(rows)))
    stop("give the name of a column of ", table, ", in quotes: see names(", table, ")", call. = FALSE)
  codes <- as.character(gaps[[table]][[column]])
  if (length(codes) == 0) codes <- rep(NA_character_, nrow(rows))
  names(codes) <- do.call(paste, c(lapply(keys[[table]], function(name) as.character(rows[[name]])), sep = "/"))
  codes
}
