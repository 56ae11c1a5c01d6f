# The rivals of engine.py: Rscript engine.R <job> <folder> <repeats> prints "name value" lines.
suppressMessages(library(survival))
arguments <- commandArgs(trailingOnly = TRUE)
job <- arguments[1]; folder <- arguments[2]; repeats <- as.integer(arguments[3])
peak <- function() {
  line <- grep("^VmHWM", readLines("/proc/self/status"), value = TRUE)
  as.numeric(gsub("[^0-9]", "", line)) / 1024
}
# The first run warms up and is not counted, unless it is the only one.
seconds <- function(call) {
  times <- sapply(seq_len(repeats + (repeats > 1)), function(i) system.time(call(), gcFirst = FALSE)[["elapsed"]])
  median(if (repeats > 1) times[-1] else times)
}
say <- function(name, value) cat(name, format(value, digits = 15), "\n")

if (job == "ebmt3") {
  long <- read.csv(file.path(folder, "ebmt3_msprep_long.csv"))
  names_x <- as.vector(outer(c("dissub1", "dissub2", "age1", "age2", "drmatch", "tcd"), 1:3, paste, sep = "."))
  f <- as.formula(paste("Surv(Tstart, Tstop, status) ~", paste(names_x, collapse = " + "), "+ strata(trans)"))
  say("cox", seconds(function() coxph(f, data = long, method = "breslow")))
  say("loglik", coxph(f, data = long, method = "breslow")$loglik[2])
  stays <- long[!duplicated(long[c("id", "from")]), ]
  went <- tapply(long$to * long$status, paste(long$id, long$from), max)[paste(stays$id, stays$from)]
  stays$event <- factor(went, 0:3, c("censor", "s1", "s2", "s3"))
  stays$state <- factor(stays$from, 1:3, c("s1", "s2", "s3"))
  stays$dissub1 <- stays$dissub1.1 + stays$dissub1.3; stays$dissub2 <- stays$dissub2.1 + stays$dissub2.3
  stays$age1 <- stays$age1.1 + stays$age1.3; stays$age2 <- stays$age2.1 + stays$age2.3
  stays$match <- stays$drmatch.1 + stays$drmatch.3; stays$cells <- stays$tcd.1 + stays$tcd.3
  fit <- coxph(Surv(Tstart, Tstop, event) ~ dissub1 + dissub2 + age1 + age2 + match + cells, data = stays,
    id = id, istate = state, method = "breslow")
  say("multi_loglik", fit$loglik[2])
  new <- data.frame(dissub1 = 0, dissub2 = 0, age1 = 0, age2 = 0, match = 0, cells = 0)
  say("survfit", seconds(function() survfit(fit, newdata = new, p0 = c(1, 0, 0))))
}
if (job == "large") {
  size <- scan(file.path(folder, "size.txt"), quiet = TRUE)
  before <- peak()
  m <- matrix(readBin(file.path(folder, "table.bin"), "double", prod(size)), size[1])
  d <- as.data.frame(m); rm(m)
  names(d) <- c("id", "trans", "start", "stop", "event", paste0("x", seq_len(size[2] - 5)))
  bytes <- as.numeric(object.size(d))
  xs <- paste(grep("^x", names(d), value = TRUE), collapse = " + ")
  common <- as.formula(paste("Surv(start, stop, event) ~", xs, "+ strata(trans)"))
  used <- system.time(fit <- coxph(common, data = d, method = "breslow"), gcFirst = FALSE)
  say("common", used[["elapsed"]])
  say("common_cpu", used[["user.self"]] + used[["sys.self"]])
  say("loglik", fit$loglik[2])
  say("coef1", coef(fit)[[1]])
  say("peak_over_table", (peak() - before) * 2^20 / bytes)
  if (length(arguments) > 3) {
    own <- as.formula(paste("Surv(start, stop, event) ~", xs))
    used <- system.time(for (k in unique(d$trans))
      coxph(own, data = d[d$trans == k, ], method = "breslow"), gcFirst = FALSE)
    say("own", used[["elapsed"]])
    say("own_cpu", used[["user.self"]] + used[["sys.self"]])
  }
}
