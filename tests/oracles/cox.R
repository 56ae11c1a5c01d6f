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
finish("cox.json", "survival")
