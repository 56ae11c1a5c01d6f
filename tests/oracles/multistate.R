# Six states and a reversible illness-death model: event tables, Aalen-Johansen, Cox models.
source("write.R")
suppressMessages(library(etm))
tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 60)
six <- read.csv("six_states.csv", na.strings = "")
states <- c("start", "better", "worse", "mixed", "back", "end")
moves <- list(start = c("better", "worse", "back", "end"), better = c("mixed", "back", "end"),
  worse = c("mixed", "back", "end"), mixed = c("back", "end"))
long_of <- function(table, moves) {
  parts <- lapply(seq_len(nrow(table)), function(i) {
    to <- moves[[table$from[i]]]
    data.frame(table[rep(i, length(to)), setdiff(names(table), "to")], to = to,
      transition = paste0(table$from[i], "->", to),
      status = as.integer(!is.na(table$to[i]) & table$to[i] == to))
  })
  do.call(rbind, parts)
}
long <- long_of(six, moves)
order_of <- unlist(lapply(names(moves), function(f) paste0(f, "->", moves[[f]])))
long$transition <- factor(long$transition, order_of)
counts <- table(factor(six$from, states), factor(ifelse(is.na(six$to), "none", six$to), c(states, "none")))
keep("events", "table(from, to) with the censored under none", list(states = I(states),
  columns = I(colnames(counts)), counts = rows(unclass(counts)), long_rows = nrow(long)))

# Aalen-Johansen: etm gives the Greenwood-type variance, survfit the infinitesimal jackknife.
etm_of <- function(table, states, moves, s, pick) {
  tra <- matrix(FALSE, length(states), length(states), dimnames = list(states, states))
  for (f in names(moves)) tra[f, moves[[f]]] <- TRUE
  d <- data.frame(id = table$id, from = table$from, entry = table$start, exit = table$stop,
    to = ifelse(is.na(table$to), "cens", table$to))
  fit <- etm(d, states, tra, "cens", s = s)
  at <- which(fit$time > s)
  at <- at[round(seq(1, length(at), length.out = pick))]
  n <- length(states)
  list(states = I(states), s = s, time = v(fit$time[at]),
    probability = lapply(at, function(i) rows(fit$est[, , i])),
    # cov is indexed by column-major (from, to) pairs.
    variance = lapply(at, function(i) rows(matrix(diag(fit$cov[, , i]), n, n))))
}
for (s in c(0, 2.5)) {
  call <- sprintf("etm(six, states, tra, \"cens\", s = %g)", s)
  keep(sprintf("etm_%g", s), call, etm_of(six, states, moves, s, 25))
}
six$event <- factor(ifelse(is.na(six$to), "censor", six$to), c("censor", states))
first <- six[order(six$id, six$start), ]
call <- "survfit(Surv(start, stop, event) ~ 1, data = six, id = id, istate = from, start.time = 0, p0 = c(1, 0, 0, 0, 0, 0))"
aj <- eval(parse(text = sub("istate = from", "istate = factor(from, states)", call)))
at <- round(seq(1, length(aj$time), length.out = 40))
keep("survfit_aj", call, list(states = I(aj$states), time = v(aj$time[at]), pstate = rows(aj$pstate[at, ]),
  jackknife_se = if (is.null(aj$std.err)) NULL else rows(aj$std.err[at, ]),
  cumulative_hazard_names = I(colnames(aj$cumhaz)), cumulative_hazard = rows(aj$cumhaz[at, ])))

keep("restricted_mean", "summary(aj, rmean = 6)$table", list(until = 6, states = I(aj$states),
  mean = v(summary(aj, rmean = 6)$table[, "rmean"])))
call <- "survfit(Surv(start, stop, event) ~ 1, data = six, id = id, istate = from, weights = 1 + (id %% 3), start.time = 0, p0 = c(1, 0, 0, 0, 0, 0))"
wj <- eval(parse(text = sub("istate = from", "istate = factor(from, states)", call)))
at <- round(seq(1, length(wj$time), length.out = 20))
keep("survfit_aj_weighted", call, list(time = v(wj$time[at]), pstate = rows(wj$pstate[at, ])))

# Nelson-Aalen and Kaplan-Meier of one transition.
one <- subset(long, transition == "start->worse")
for (ctype in 1:2) {
  call <- sprintf("survfit(Surv(start, stop, status) ~ 1, data = one, stype = 1, ctype = %d)", ctype)
  k <- eval(parse(text = call))
  at <- round(seq(1, length(k$time), length.out = 30))
  keep(sprintf("one_transition_ctype%d", ctype), call, list(time = v(k$time[at]), at_risk = v(k$n.risk[at]),
    cumulative_hazard = v(k$cumhaz[at]), standard_error = v(k$std.chaz[at]), survival = v(k$surv[at]),
    log_survival_se = v(k$std.err[at])))
}

summary_of <- function(fit) list(n = fit$n, events = fit$nevent, names = I(names(coef(fit))),
  coef = v(coef(fit)), se = v(sqrt(diag(vcov(fit)))), loglik_null = fit$loglik[1], loglik = fit$loglik[2])
frame <- function(l, a, b, c) {
  new <- data.frame(a = a, b = b, c = factor(c, c("p", "q", "r")), transition = factor(order_of, order_of))
  new
}
prediction <- function(fit, new, count) {
  s <- survfit(fit, newdata = new)
  ends <- cumsum(s$strata); begins <- ends - s$strata + 1
  lapply(seq_along(ends), function(k) {
    at <- unique(round(seq(begins[k], ends[k], length.out = count)))
    list(stratum = names(s$strata)[k], time = v(s$time[at]), cumulative_hazard = v(s$cumhaz[at]),
      standard_error = v(if (is.null(s$std.chaz)) s$std.err[at] else s$std.chaz[at]))
  })
}
long$to_state <- long$to
long$from_state <- factor(long$from, states[1:4])
separate <- paste(sapply(c("a", "b"), function(x) sprintf("%s:transition", x)), collapse = " + ")
for (ties in c("breslow", "efron")) {
  calls <- c(
    separate = sprintf("coxph(Surv(start, stop, status) ~ %s + strata(transition), data = long, ties = \"%s\", control = tight)", separate, ties),
    common = sprintf("coxph(Surv(start, stop, status) ~ a + b + c + strata(transition), data = long, ties = \"%s\", control = tight)", ties),
    proportional = sprintf("coxph(Surv(start, stop, status) ~ a + b + from_state + strata(to_state), data = long, ties = \"%s\", control = tight)", ties),
    reset = sprintf("coxph(Surv(start - entry, stop - entry, status) ~ a + b + c + strata(transition), data = long, ties = \"%s\", control = tight)", ties),
    clustered = sprintf("coxph(Surv(start, stop, status) ~ a + b + c + strata(transition), data = long, ties = \"%s\", cluster = id, control = tight)", ties))
  for (n in names(calls)) {
    fit <- eval(parse(text = calls[[n]]))
    values <- summary_of(fit)
    if (n == "clustered") values$naive_se <- v(sqrt(diag(fit$naive.var)))
    if (n == "common") {
      values$newdata <- list(a = 0.5, b = 1, c = "q")
      values$predicted <- prediction(fit, frame(0, 0.5, 1, "q"), 12)
    }
    if (n == "proportional") {
      # From "worse" to "mixed", "back" and "end", where the ratio of "worse" multiplies.
      new <- data.frame(a = 0.5, b = 1, from_state = factor("worse", states[1:4]), to_state = factor(c("mixed", "back", "end"), levels(factor(long$to_state))))
      values$newdata <- new
      values$predicted <- prediction(fit, new, 12)
    }
    if (n == "reset") {
      values$newdata <- list(a = 0.5, b = 1, c = "q")
      values$predicted <- prediction(fit, frame(0, 0.5, 1, "q"), 12)
    }
    keep(paste(n, ties, sep = "_"), calls[[n]], values)
  }
}
rev_stays <- read.csv("reversible.csv", na.strings = "")
rev_moves <- list(well = c("ill", "dead"), ill = c("well", "dead"))
rev_states <- c("well", "ill", "dead")
keep("reversible_etm_0", "etm(reversible, states, tra, \"cens\", s = 0)", etm_of(rev_stays, rev_states, rev_moves, 0, 25))
rl <- long_of(rev_stays, rev_moves)
rl$transition <- factor(rl$transition, c("well->ill", "well->dead", "ill->well", "ill->dead"))
for (ties in c("breslow", "efron")) {
  call <- sprintf("coxph(Surv(start - entry, stop - entry, status) ~ a + b + c + strata(transition), data = rl, ties = \"%s\", control = tight)", ties)
  keep(paste0("reversible_reset_", ties), call, summary_of(eval(parse(text = call))))
  call <- sprintf("coxph(Surv(start, stop, status) ~ (a + b):transition + strata(transition), data = rl, ties = \"%s\", control = tight)", ties)
  fit <- eval(parse(text = call))
  keep(paste0("reversible_forward_", ties), call, summary_of(fit))
}
finish("multistate.json", c("survival", "etm"))
