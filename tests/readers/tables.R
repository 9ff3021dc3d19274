# Reads every table of an export in the way its first argument names, and writes it as text:
# codes, ISO dates, true and false, and for a missing cell the program's own sign or the kind.
# Usage: Rscript tables.R haven-dta|haven-sav|readxl|readr|package EXPORT DEST TABLE...
# For the R package, which must be in R_LIBS, it writes beside each table what is said of its columns.
args <- commandArgs(trailingOnly = TRUE)
how <- args[1]; export <- args[2]; dest <- args[3]; tables <- args[-(1:3)]
options(encoding = "UTF-8")

as_text <- function(x) {
  if (is.logical(x)) return(ifelse(x, "true", "false"))
  if (inherits(x, c("Date", "POSIXct"))) return(format(x, "%Y-%m-%d"))
  if (is.numeric(x)) return(vapply(x, function(v) if (is.na(v)) NA_character_ else format(v, digits = 15, scientific = FALSE), ""))
  as.character(x)
}
tagged <- function(x) {
  if (!is.double(unclass(x))) return(as.character(x))
  tag <- haven::na_tag(x)
  text <- if (inherits(x, "Date")) format(x, "%Y-%m-%d") else as_text(as.numeric(haven::zap_labels(x)))
  ifelse(is.na(x), ifelse(is.na(tag), ".", paste0(".", tag)), text)
}
user_missing <- function(x) {
  if (is.character(x)) return(x)
  text <- if (inherits(x, "Date")) format(x, "%Y-%m-%d") else as_text(as.numeric(unclass(x)))
  ifelse(is.na(text), ".", text)
}
read <- list(
  "haven-dta" = function(t) lapply(haven::read_dta(file.path(export, "stata", paste0(t, ".dta"))), tagged),
  "haven-sav" = function(t) {
    path <- file.path(export, "spss", paste0(t, ".sav"))
    d <- haven::read_sav(path, user_na = TRUE)
    # With user_na = TRUE haven gives dates up; without it, the kinds of missing.
    dates <- Filter(function(x) inherits(x, "Date"), haven::read_sav(path))
    d[names(dates)] <- dates
    lapply(d, user_missing)
  },
  "readxl" = function(t) {
    d <- readxl::read_excel(file.path(export, "cstocases.xlsx"), t, col_types = "list", skip = 1)
    lapply(d[!grepl("_label$", names(d))], function(column) vapply(column, function(v) if (length(v) == 0 || is.na(v)) "" else as_text(v), ""))
  },
  "readr" = function(t) {
    kinds <- c("", "not_applicable", "unknown", "no_evidence_found", "disputed", "withheld")
    d <- readr::read_csv(file.path(export, "csv", paste0(t, ".csv")), na = kinds, show_col_types = FALSE, guess_max = 1e5)
    lapply(d, function(x) { text <- as_text(x); ifelse(is.na(text), "", text) })
  },
  "package" = function(t) {
    d <- getExportedValue("cstocases", t)
    about <- lapply(names(d), function(name) {
      x <- d[[name]]
      code <- if (is.factor(x)) levels(x) else ""
      labels <- attr(x, "labels")
      stopifnot(!is.factor(x) || identical(names(labels), code))
      data.frame(name, title = attr(x, "label"), class = paste(class(x), collapse = " "), code, label = if (is.factor(x)) labels else "")
    })
    write.csv(do.call(rbind, about), file.path(dest, paste0(t, ".about.csv")), row.names = FALSE, fileEncoding = "UTF-8")
    Map(function(x, name) {
      gap <- unname(cstocases::missing_code(t, name))
      stopifnot(identical(is.na(c(x)), !is.na(gap)), !is.nan(if (is.double(x)) x else 0))
      text <- as_text(x)
      attributes(text) <- NULL
      ifelse(is.na(gap), text, gap)
    }, d, names(d))
  }
)[[how]]
for (t in tables) {
  out <- as.data.frame(read(t), optional = TRUE, stringsAsFactors = FALSE)
  write.csv(out, file.path(dest, paste0(t, ".csv")), row.names = FALSE, na = "", fileEncoding = "UTF-8")
}
