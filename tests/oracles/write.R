# Shared by the scripts of this folder: keep a call together with what it printed.
options(digits = 17)
suppressMessages({library(survival); library(jsonlite)})
cases <- list()
keep <- function(name, call, values) cases[[name]] <<- c(list(call = call), Filter(Negate(is.null), values))
finish <- function(file, packages) {
  versions <- sapply(packages, function(p) as.character(packageVersion(p)))
  made <- list(R = paste(R.version$major, R.version$minor, sep = "."), packages = as.list(versions))
  cases_text <- sapply(names(cases), function(n)
    paste0("\"", n, "\": ", toJSON(cases[[n]], digits = I(16), auto_unbox = TRUE, na = "null")))
  head <- paste0("\"made_with\": ", toJSON(made, auto_unbox = TRUE))
  writeLines(paste0("{\n", paste(c(head, cases_text), collapse = ",\n"), "\n}"), file)
}
# A vector stays a list in JSON, even of length one.
v <- function(x) I(as.numeric(x))
rows <- function(m) lapply(seq_len(nrow(m)), function(i) v(m[i, ]))
