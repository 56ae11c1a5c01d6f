# Cox models on ties.csv: ties, late entry, strata, weights, offsets, clusters, functions of time.
source("write.R")
ties <- read.csv("ties.csv")
tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 60)
fit_of <- function(call) eval(parse(text = call), globalenv())
summary_of <- function(fit) {
  s <- summary(fit)
  out <- list(n = fit$n, events = fit$nevent, names = I(names(coef(fit))), coef = v(coef(fit)),
    covariance = rows(vcov(fit)), loglik_null = fit$loglik[1], loglik = fit$loglik[2],
    score_test = fit$score, wald_test = s$waldtest[["test"]],
    lr_test = s$logtest[["test"]])
  if (!is.null(fit$naive.var)) {
    out$naive_covariance <- rows(fit$naive.var)
    out$robust_score_test <- fit$rscore
  }
  k <- concordance(fit)
  out$concordance <- k$concordance
  out$concordance_variance <- k$var
  out$concordance_count <- v(if (is.matrix(k$count)) colSums(k$count) else k$count)
  out
}
formulas <- c(
  plain = "x + z", strata = "x + z + strata(group)", factor = "x * z + group",
  offset = "x + z + offset(offset)", weights = "x + z", everything = "x + z + strata(group) + offset(offset)",
  cluster = "x + z", weighted_cluster = "x + z + strata(group)", time = "x + z + tt(x)")
extra <- c(weights = ", weights = weight", everything = ", weights = weight",
  cluster = ", cluster = cluster", weighted_cluster = ", weights = weight, cluster = cluster",
  time = ", tt = function(x, t, ...) x * log(t)")
for (ties_method in c("breslow", "efron")) for (n in names(formulas)) {
  more <- if (n %in% names(extra)) extra[[n]] else ""
  call <- sprintf("coxph(Surv(start, stop, event) ~ %s, data = ties, ties = \"%s\"%s, control = tight)",
    formulas[[n]], ties_method, more)
  fit <- fit_of(call)
  key <- paste(n, ties_method, sep = "_")
  if (n == "time") {
    keep(key, call, list(n = fit$n, events = fit$nevent, names = I(names(coef(fit))),
      coef = v(coef(fit)), covariance = rows(vcov(fit)), loglik_null = fit$loglik[1],
      loglik = fit$loglik[2]))
    next
  }
  values <- summary_of(fit)
  if (key %in% c("plain_breslow", "plain_efron", "strata_efron", "everything_breslow", "everything_efron")) {
    for (kind in c("martingale", "deviance")) values[[kind]] <- v(residuals(fit, kind))
    for (kind in c("score", "dfbeta")) values[[kind]] <- rows(residuals(fit, kind))
    r <- residuals(fit, "schoenfeld")
    values$schoenfeld <- rows(r)
    values$schoenfeld_time <- v(sub(".*?([0-9]+)$", "\\1", rownames(r)))
    values$martingale_by_id <- v(residuals(fit, "martingale", collapse = ties$id))
    values$dfbeta_by_cluster <- rows(residuals(fit, "dfbeta", collapse = ties$cluster, weighted = TRUE))
    for (transform in c("identity", "km", "rank", "log")) {
      z <- cox.zph(fit, transform = transform)
      values[[paste0("zph_", transform)]] <- list(names = I(rownames(z$table)),
        chisq = v(z$table[, "chisq"]), df = v(z$table[, "df"]), p = v(z$table[, "p"]))
      if (transform == "identity") {
        values$scaled_schoenfeld <- rows(z$y)
        values$scaled_schoenfeld_time <- v(z$time)
      }
    }
    new <- data.frame(x = c(0, 0.8), z = c(0, 1), offset = 0)
    if (grepl("strata", formulas[[n]])) new <- cbind(new, group = "b")
    s <- survfit(fit, newdata = new)
    se <- if (is.null(s$std.chaz)) s$std.err else s$std.chaz
    values$predicted <- list(newdata = new, time = v(s$time), at_risk = v(s$n.risk),
      cumulative_hazard = rows(t(s$cumhaz)), standard_error = rows(t(se)), survival = rows(t(s$surv)))
  }
  keep(key, call, values)
}
# A path: x turns at 4 and 8. The hazard is survfit's; its standard error for a path, kept as
# survfit_error, takes the covariates of each stretch for those of all the time before it, so the
# delta method is written out: noise of the events, and the slope by the coefficients from
# baselines at coefficients nearby.
path <- data.frame(start = c(0, 4, 8), stop = c(4, 8, 14), event = 0, x = c(0.5, -0.2, 1), z = c(0, 1, 1), id = 1)
along <- function(fit, b) {
  at <- coxph(Surv(start, stop, event) ~ x + z, data = ties, ties = fit$method, init = b,
    control = coxph.control(iter.max = 0))
  at$var <- 0 * at$var  # only the noise of the events
  at$naive.var <- NULL
  s <- survfit(at, newdata = data.frame(x = 0, z = 0))
  stretch <- findInterval(s$time, path$stop, left.open = TRUE) + 1
  risk <- exp(path$x * b[1] + path$z * b[2])[stretch]
  noise <- diff(c(0, (if (is.null(s$std.chaz)) s$std.err else s$std.chaz)^2))
  list(hazard = cumsum(diff(c(0, s$cumhaz)) * risk), noise = cumsum(noise * risk^2))
}
error_along <- function(fit) {
  b <- coef(fit); h <- 1e-4
  slope <- sapply(1:2, function(j) {
    e <- replace(c(0, 0), j, h)
    (8 * (along(fit, b + e)$hazard - along(fit, b - e)$hazard) -
      (along(fit, b + 2 * e)$hazard - along(fit, b - 2 * e)$hazard)) / (12 * h)
  })
  sqrt(along(fit, b)$noise + rowSums((slope %*% vcov(fit)) * slope))
}
for (method in c("breslow", "efron")) {
  call <- sprintf("survfit(coxph(Surv(start, stop, event) ~ x + z, data = ties, ties = \"%s\", control = tight), newdata = path, id = id)", method)
  s <- eval(parse(text = call))
  se <- if (is.null(s$std.chaz)) s$std.err else s$std.chaz
  keep(paste0("path_", method), call, list(path = path, time = v(s$time), cumulative_hazard = v(s$cumhaz),
    standard_error = v(error_along(eval(parse(text = sub("survfit\\((.*), newdata.*", "\\1", call))))),
    survfit_error = v(se), survival = v(s$surv)))
  call <- sprintf("coxph(Surv(start, stop, event) ~ splines::bs(x, knots = c(-0.5, 0.5)) + z, data = ties, ties = \"%s\", control = tight)", method)
  f <- eval(parse(text = call))
  keep(paste0("spline_", method), call, list(coef = v(coef(f)), se = v(sqrt(diag(vcov(f)))), loglik = f$loglik[2]))
  # Profile likelihood: the other coefficient refitted beside a fixed one.
  f <- eval(parse(text = sprintf("coxph(Surv(start, stop, event) ~ x + z, data = ties, ties = \"%s\", control = tight)", method)))
  drop <- function(b) coxph(Surv(start, stop, event) ~ z + offset(b * x), data = ties, ties = method, control = tight)$loglik[2] - f$loglik[2] + qchisq(0.9, 1) / 2
  se <- sqrt(vcov(f)[1, 1])
  b <- coef(f)[[1]]
  keep(paste0("profile_", method), "uniroot on coxph(~ z + offset(b * x)): 90% profile interval of x", list(
    lower = uniroot(drop, b - c(4, 0) * se, tol = 1e-12)$root, upper = uniroot(drop, b + c(0, 4) * se, tol = 1e-12)$root))
  # Firth: log-likelihood and half the log determinant of the information, both as coxph prints them.
  firth <- function(data, formula) {
    value <- function(b) {
      at <- coxph(formula, data = data, ties = method, init = b, control = coxph.control(iter.max = 0))
      c(at$loglik[2], -0.5 * as.numeric(determinant(at$var)$modulus))
    }
    minus <- function(b) -sum(value(b))
    p <- optim(c(0, 0), minus, control = list(reltol = 1e-15, maxit = 5000))$par
    for (i in 1:6) {
      h <- 1e-3
      e <- diag(2) * h
      g <- sapply(1:2, function(j) (8 * (minus(p + e[j, ]) - minus(p - e[j, ])) - (minus(p + 2 * e[j, ]) - minus(p - 2 * e[j, ]))) / (12 * h))
      H <- matrix(0, 2, 2)
      for (j in 1:2) for (k in 1:2) H[j, k] <- (minus(p + e[j, ] + e[k, ]) - minus(p + e[j, ] - e[k, ]) - minus(p - e[j, ] + e[k, ]) + minus(p - e[j, ] - e[k, ])) / (4 * h^2)
      p <- p - solve(H, g)
    }
    at <- coxph(formula, data = data, ties = method, init = p, control = coxph.control(iter.max = 0))
    list(coef = v(p), loglik = value(p)[1], penalised = sum(value(p)), covariance_at_mode = rows(at$var))
  }
  keep(paste0("firth_", method), "optim and Newton on loglik - log det(var) / 2 of coxph(x + z, init = b, iter.max = 0)", firth(ties, Surv(start, stop, event) ~ x + z))
  # Separation: w is 1 only where nothing happens.
  apart <- transform(ties, w = as.integer(event == 0 & id %% 4 == 0))
  keep(paste0("firth_separated_", method), "the same with w = 1 where event == 0 and id %% 4 == 0, else 0: x + w", firth(apart, Surv(start, stop, event) ~ x + w))
}
finish("cox.json", "survival")
