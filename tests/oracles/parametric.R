# Parametric baselines: survreg, msm (exact times), Poisson regression, and closed forms under optim.
source("write.R")
suppressMessages(library(msm))
lives <- read.csv("lifetimes.csv")
whole <- subset(lives, entry == 0)
for (dist in c("weibull", "exponential", "lognormal")) {
  call <- sprintf("survreg(Surv(time, event) ~ x + z, data = whole, dist = \"%s\", control = survreg.control(rel.tolerance = 1e-14, maxiter = 100))", dist)
  f <- eval(parse(text = call))
  keep(paste0("survreg_", dist), call, list(n = nrow(whole), names = I(rownames(summary(f)$table)),
    coef = v(summary(f)$table[, 1]), covariance = rows(f$var), loglik_null = f$loglik[1], loglik = f$loglik[2]))
}
# Several transitions of one reversible model, clock reset, a Weibull each.
stays <- read.csv("reversible.csv", na.strings = "")
for (from in c("well", "ill")) for (to in setdiff(c("well", "ill", "dead"), from)) {
  call <- sprintf("survreg(Surv(stop - start, !is.na(to) & to == \"%s\") ~ a + b, subset(stays, from == \"%s\"), dist = \"weibull\", control = survreg.control(rel.tolerance = 1e-14, maxiter = 100))", to, from)
  f <- eval(parse(text = call))
  keep(sprintf("survreg_%s_%s", from, to), call, list(names = I(rownames(summary(f)$table)),
    coef = v(summary(f)$table[, 1]), covariance = rows(f$var), loglik = f$loglik[2]))
}
# msm: exact transition times, states 1 = well, 2 = ill, 3 = dead.
code <- c(well = 1, ill = 2, dead = 3)
panel <- do.call(rbind, lapply(split(stays, stays$id), function(s) {
  s <- s[order(s$start), ]
  last <- s[nrow(s), ]
  data.frame(id = s$id[1], time = c(s$start, last$stop), a = s$a[1], b = s$b[1],
    state = c(code[s$from], code[[if (is.na(last$to)) last$from else last$to]]))
}))
q <- rbind(c(0, 0.5, 0.1), c(0.5, 0, 0.1), c(0, 0, 0))
msm_of <- function(name, call) {
  f <- eval(parse(text = call))
  keep(name, call, list(minus2loglik = f$minus2loglik, estimates = v(f$estimates),
    names = I(paste(names(f$estimates), c("1-2", "1-3", "2-1", "2-3"))), covariance = rows(f$covmat), converged = f$opt$convergence))
}
tight <- "control = list(fnscale = 1000, reltol = 1e-16, maxit = 10000)"
msm_of("msm_exponential", sprintf("msm(state ~ time, subject = id, data = panel, qmatrix = q, exacttimes = TRUE, center = FALSE, covariates = ~ a + b, %s)", tight))
# pci= treats the state at a change point as unknown; here it is known, so the panel says it.
cuts <- c(2, 5)
pieces <- do.call(rbind, lapply(split(panel, panel$id), function(p) {
  extra <- cuts[cuts > min(p$time) & cuts < max(p$time) & !cuts %in% p$time]
  add <- p[findInterval(extra, p$time), ]
  add$time <- extra
  all <- rbind(p, add)
  all[order(all$time), ]
}))
pieces$period <- factor(findInterval(pieces$time, cuts))
msm_of("msm_piecewise", sprintf("msm(state ~ time, subject = id, data = pieces, qmatrix = q, exacttimes = TRUE, center = FALSE, covariates = ~ period, %s)", tight))
# Piecewise exponential with covariates as a Poisson regression of split rows.
split_of <- function(l, cuts) survSplit(Surv(start, stop, status) ~ ., data = l, cut = cuts, episode = "piece")
for (from in c("well", "ill")) for (to in setdiff(c("well", "ill", "dead"), from)) {
  l <- stays[stays$from == from, ]
  l$status <- as.integer(!is.na(l$to) & l$to == to)
  p <- split_of(l, c(1.5, 4))
  call <- "glm(status ~ factor(piece) + a + b - 1, family = poisson, offset = log(stop - start), data = p, control = glm.control(epsilon = 1e-14, maxit = 100))"
  g <- eval(parse(text = call))
  # The Poisson likelihood of 0/1 counts differs from the survival one by d log(exposure).
  shift <- sum(p$status * log(p$stop - p$start))
  keep(sprintf("poisson_%s_%s", from, to), paste("cuts at 1.5 and 4;", call), list(names = I(names(coef(g))),
    coef = v(coef(g)), se = v(sqrt(diag(vcov(g)))), loglik = as.numeric(logLik(g)) - shift))
}
# Late entry. Log hazard: weibull log(k) + (k - 1) log t + eta; gompertz eta + g t.
families <- list(
  weibull = list(h = function(t, k, eta) k + (exp(k) - 1) * log(t) + eta, H = function(t, k) t^exp(k)),
  gompertz = list(h = function(t, g, eta) eta + g * t, H = function(t, g) expm1(g * t) / g))
newton <- function(f, theta, h = 1e-4) {
  # Fourth-order central differences; polish what optim found.
  d1 <- function(f, x) sapply(seq_along(x), function(i) { e <- replace(0 * x, i, h)
    (8 * (f(x + e) - f(x - e)) - (f(x + 2 * e) - f(x - 2 * e))) / (12 * h) })
  for (i in 1:8) {
    g <- d1(f, theta)
    H <- sapply(seq_along(theta), function(j) { e <- replace(0 * theta, j, h)
      (8 * (d1(f, theta + e) - d1(f, theta - e)) - (d1(f, theta + 2 * e) - d1(f, theta - 2 * e))) / (12 * h) })
    theta <- theta - solve((H + t(H)) / 2, g)
  }
  list(par = theta, hessian = (H + t(H)) / 2, value = f(theta))
}
for (n in names(families)) for (data in c("lives", "whole")) {
  d <- get(data)
  fam <- families[[n]]
  minus <- function(p) {
    eta <- p[2] + p[3] * d$x + p[4] * d$z
    -sum(d$event * fam$h(d$time, p[1], eta) - exp(eta) * (fam$H(d$time, p[1]) - fam$H(d$entry, p[1])))
  }
  m <- optim(c(0.1, -2, 0, 0), minus, control = list(maxit = 5000, reltol = 1e-12))
  f <- newton(minus, m$par)
  keep(paste(n, if (data == "lives") "late_entry" else "from_zero", sep = "_"),
    sprintf("optim and Newton on the closed form of the %s hazard, data = %s", n, data),
    list(n = nrow(d), events = sum(d$event), names = I(c(if (n == "weibull") "log shape" else "shape", "level", "x", "z")),
      coef = v(f$par), covariance = rows(solve(f$hessian)), loglik = -f$value))
}
# Firth and profile limits of the exponential model: the information is X' diag(mu) X.
for (data in c("whole", "apart")) {
  d <- whole
  if (data == "apart") d$z <- as.integer(d$event == 0 & d$id %% 3 == 0)
  X <- cbind(1, d$x, d$z)
  value <- function(b) {
    mu <- exp(drop(X %*% b)) * d$time
    c(sum(d$event * drop(X %*% b) - mu), 0.5 * as.numeric(determinant(crossprod(X, mu * X))$modulus))
  }
  f <- newton(function(b) -sum(value(b)), optim(c(-2, 0, 0), function(b) -sum(value(b)), control = list(maxit = 5000, reltol = 1e-14))$par)
  mu <- exp(drop(X %*% f$par)) * d$time
  keep(paste0("firth_exponential_", data), "optim and Newton on loglik + log det(X' diag(mu) X) / 2; apart: z = 1 where event == 0 and id %% 3 == 0, else 0",
    list(names = I(c("level", "x", "z")), coef = v(f$par), loglik = value(f$par)[1], penalised = sum(value(f$par)),
      covariance_at_mode = rows(solve(crossprod(X, mu * X)))))
}
exact <- glm.control(epsilon = 1e-15, maxit = 100)
full <- glm(event ~ x + z, family = poisson, offset = log(time), data = whole, control = exact)
drop_to <- function(b) (glm(event ~ z, family = poisson, offset = log(time) + b * x, data = whole, control = exact)$deviance - full$deviance) / 2 - qchisq(0.9, 1) / 2
b <- coef(full)[["x"]]; se <- sqrt(vcov(full)["x", "x"])
keep("profile_exponential", "uniroot on glm with offset b * x: 90% profile interval of x", list(
  lower = uniroot(drop_to, b - c(4, 0) * se, tol = 1e-12)$root, upper = uniroot(drop_to, b + c(0, 4) * se, tol = 1e-12)$root))
finish("parametric.json", c("survival", "msm"))
