# Three competing causes on whole months, and one life table with its bands.
source("write.R")
suppressMessages({library(cmprsk); library(etm)})
d <- read.csv("causes.csv")
fit <- cuminc(d$time, d$cause, d$group, cencode = 0)
curves <- fit[setdiff(names(fit), "Tests")]
points <- sort(unique(d$time[d$cause > 0]))
points <- points[round(seq(1, length(points), length.out = 14))]
t <- timepoints(curves, points)
keep("cuminc", "timepoints(cuminc(time, cause, group, cencode = 0), times)", list(time = v(points),
  curves = I(rownames(t$est)), estimate = rows(t$est), variance = rows(t$var),
  gray_test = rows(fit$Tests), gray_names = I(rownames(fit$Tests))))
for (g in c("a", "b")) {
  e <- etmCIF(Surv(time, cause != 0) ~ 1, data = subset(d, group == g), etype = cause, failcode = 1)
  s <- summary(e)[[1]]
  causes <- lapply(1:3, function(k) {
    m <- s[[k]]
    i <- match(points, m$time); ok <- !is.na(i)
    list(time = v(m$time[i[ok]]), probability = v(m$P[i[ok]]), variance = v(m$var[i[ok]]))
  })
  keep(paste0("etmCIF_", g), sprintf("summary(etmCIF(Surv(time, cause != 0) ~ 1, subset(d, group == \"%s\"), etype = cause))", g),
    list(causes = causes))
}
d$event <- factor(d$cause, 0:3, c("censor", "one", "two", "three"))
call <- "survfit(Surv(time, event) ~ 1, data = d, id = id)"
s <- eval(parse(text = call))
at <- match(points, s$time)
keep("survfit", call, list(states = I(s$states), time = v(points), pstate = rows(s$pstate[at, ]),
  jackknife_se = rows(s$std.err[at, ])))
for (type in c("plain", "log", "log-log")) {
  call <- sprintf("survfit(Surv(time, cause > 0) ~ 1, data = d, conf.type = \"%s\", conf.int = 0.9)", type)
  k <- eval(parse(text = call))
  at <- match(points, k$time)
  keep(paste0("kaplan_meier_", type), call, list(time = v(points), survival = v(k$surv[at]),
    standard_error = v((k$surv * k$std.err)[at]), lower = v(k$lower[at]), upper = v(k$upper[at])))
}
call <- "survfit(Surv(time, cause > 0) ~ 1, data = d, weights = 1 + (id %% 3))"
k <- eval(parse(text = call))
keep("kaplan_meier_weighted", call, list(time = v(k$time), at_risk = v(k$n.risk), survival = v(k$surv), cumulative_hazard = v(k$cumhaz)))
tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 60)
for (cause in 1:3) for (ties in c("breslow", "efron")) {
  call <- sprintf("coxph(Surv(time, cause == %d) ~ x + group, data = d, ties = \"%s\", control = tight)", cause, ties)
  f <- eval(parse(text = call))
  keep(sprintf("cause_%d_%s", cause, ties), call, list(n = f$n, events = f$nevent, names = I(names(coef(f))),
    coef = v(coef(f)), se = v(sqrt(diag(vcov(f)))), loglik_null = f$loglik[1], loglik = f$loglik[2]))
}
finish("competing.json", c("survival", "cmprsk", "etm"))
