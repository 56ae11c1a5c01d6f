# Frailties shared by a cluster: penalised Cox models, and closed forms for parametric ones.
source("write.R")
d <- read.csv("clusters.csv")
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-15, iter.max = 200, outer.max = 200)
of <- function(fit) {
  h <- fit$history[[1]]
  list(names = I(names(coef(fit))[1:2]), coef = v(coef(fit)[1:2]), se = v(sqrt(diag(fit$var)[1:2] )),
    penalised_loglik = fit$loglik[2], theta = h$theta, c_loglik = h$c.loglik,
    frailty = v(coef(fit)[-(1:2)]), df = v(fit$df), penalty = v(fit$penalty))
}
calls <- character()
for (ties in c("breslow", "efron")) {
  calls[paste0("gamma_fixed_", ties)] <- sprintf("coxph(Surv(time, event) ~ x + z + frailty(cluster, dist = \"gamma\", theta = 0.5, sparse = FALSE), data = d, ties = \"%s\", control = tight)", ties)
  calls[paste0("gamma_em_", ties)] <- sprintf("coxph(Surv(time, event) ~ x + z + frailty(cluster, dist = \"gamma\", eps = 1e-9, sparse = FALSE), data = d, ties = \"%s\", control = tight)", ties)
  calls[paste0("gaussian_fixed_", ties)] <- sprintf("coxph(Surv(time, event) ~ x + z + frailty(cluster, dist = \"gaussian\", theta = 0.5, sparse = FALSE), data = d, ties = \"%s\", control = tight)", ties)
  calls[paste0("gaussian_reml_", ties)] <- sprintf("coxph(Surv(time, event) ~ x + z + frailty(cluster, dist = \"gaussian\", eps = 1e-9, sparse = FALSE), data = d, ties = \"%s\", control = tight)", ties)
  calls[paste0("ridge_", ties)] <- sprintf("coxph(Surv(time, event) ~ ridge(x, z, theta = 3, scale = FALSE), data = d, ties = \"%s\", control = tight)", ties)
}
for (n in names(calls)) {
  fit <- eval(parse(text = calls[[n]]))
  values <- if (grepl("ridge", n)) list(names = I(c("x", "z")), coef = v(coef(fit)), covariance = rows(fit$var), loglik_null = fit$loglik[1], penalised_loglik = fit$loglik[2], penalty = v(fit$penalty))
    else of(fit)
  keep(n, calls[[n]], values)
}
# Gamma frailty with mean 1 and variance v, marginal likelihood in closed form:
# sum_i [sum d log h + log Gamma(1/v + D) - log Gamma(1/v) + D log v - (1/v + D) log(1 + v H)].
newton <- function(f, theta, h = 1e-3) {
  d1 <- function(x) sapply(seq_along(x), function(i) { e <- replace(0 * x, i, h)
    (8 * (f(x + e) - f(x - e)) - (f(x + 2 * e) - f(x - 2 * e))) / (12 * h) })
  for (i in 1:8) {
    g <- d1(theta)
    H <- sapply(seq_along(theta), function(j) { e <- replace(0 * theta, j, h)
      (8 * (d1(theta + e) - d1(theta - e)) - (d1(theta + 2 * e) - d1(theta - 2 * e))) / (12 * h) })
    theta <- theta - solve((H + t(H)) / 2, g)
  }
  list(par = theta, hessian = (H + t(H)) / 2, value = f(theta))
}
for (n in c("exponential", "weibull")) {
  minus <- function(p) {
    shape <- if (n == "weibull") p[5] else 0
    eta <- p[2] + p[3] * d$x + p[4] * d$z
    h <- shape + (exp(shape) - 1) * log(d$time) + eta
    H <- rowsum(exp(eta) * d$time^exp(shape), d$cluster)[, 1]
    D <- rowsum(d$event, d$cluster)[, 1]
    v <- exp(p[1])
    -(sum(d$event * h) + sum(lgamma(1 / v + D) - lgamma(1 / v) + D * log(v) - (1 / v + D) * log1p(v * H)))
  }
  start <- c(-0.5, -1.5, 0, 0, if (n == "weibull") 0.2)
  m <- optim(start, minus, control = list(maxit = 5000, reltol = 1e-12))
  f <- newton(minus, m$par)
  keep(paste0("gamma_", n), "optim and Newton on the closed marginal likelihood", list(
    names = I(c("log variance", "level", "x", "z", if (n == "weibull") "log shape")), coef = v(f$par),
    covariance = rows(solve(f$hessian)), loglik = -f$value))
}
finish("frailty.json", "survival")
