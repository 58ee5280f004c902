# Results of R's survey package for a file of cases: Rscript results.R CASES.json DATA_FOLDER OUT.json
#
# Reads cases in the format of the README beside (a `result` already there is replaced), computes each
# with survey (metafor and lme4 for the small areas) and writes the file again with full precision.
# A case that R refuses gets `"refused"` with R's message in place of `result`.

suppressPackageStartupMessages({library(survey); library(jsonlite)})
options(width = 200, warn = 1)

# ---- reading -------------------------------------------------------------------------------------

read_table <- function(name) {
  stem <- sub("\\.csv$", "", name)
  path <- file.path(DATA, paste0(stem, c(".csv", ".csv.gz")))
  read.csv(path[file.exists(path)][1], check.names = FALSE, na.strings = "", stringsAsFactors = TRUE)
}

one_sided <- function(terms) {
  if (length(terms) == 0) return(~1)
  names <- unlist(terms)
  reformulate(ifelse(names == make.names(names), names, paste0("`", names, "`")))
}

optional <- function(columns) if (length(columns)) one_sided(columns) else NULL
or <- function(value, default) if (is.null(value)) default else value

# ---- designs -------------------------------------------------------------------------------------

linearised <- function(given, data) {
  options(survey.lonely.psu = or(given$lonely_psu, "fail"),
          survey.adjust.domain.lonely = isTRUE(given$lonely_adjust_domain))
  arguments <- list(ids = if (length(given$clusters)) one_sided(given$clusters) else ~1,
                    strata = optional(given$strata), fpc = optional(given$fpc),
                    weights = optional(given$weights), probs = optional(given$probs),
                    nest = isTRUE(given$nest), data = data)
  if (!is.null(given$pps)) {
    joint <- is.list(given$pps)
    arguments$pps <- if (joint) ppsmat(as.matrix(read_table(given$pps$joint_probabilities)))
                     else if (given$pps == "HR") HR() else given$pps
    arguments$variance <- or(given$pps_variance, "HT")
  }
  do.call(svydesign, arguments[!vapply(arguments, is.null, TRUE)])
}

replicated <- function(given, data) {
  r <- given$replicates
  svrepdesign(data = data, weights = one_sided(given$weights), repweights = as.matrix(read_table(r$file)),
              type = "other", combined.weights = TRUE, scale = r$scale, rscales = unlist(r$rscales),
              mse = r$mse)
}

DESIGNS <- list(linearization = linearised, replicate = replicated)

# ---- steps ---------------------------------------------------------------------------------------

OPERATIONS <- list("==" = `==`, "!=" = `!=`, "<" = `<`, "<=" = `<=`, ">" = `>`, ">=" = `>=`,
                   "in" = function(x, value) x %in% unlist(value))

data_of <- function(design) design$variables

step_domain <- function(design, step) {
  inside <- rep(TRUE, nrow(data_of(design)))
  for (term in step$where) {
    column <- data_of(design)[[term$col]]
    if (is.factor(column)) column <- as.character(column)
    inside <- inside & OPERATIONS[[term$op]](column, term$value)
  }
  subset(design, inside & !is.na(inside))
}

totals_table <- function(by, rows, value = "total", count = "Freq") {
  table <- as.data.frame(lapply(setNames(by, by), function(name) sapply(rows, `[[`, name)), check.names = FALSE)
  table[[count]] <- vapply(rows, function(row) as.numeric(row[[value]]), 0)
  table
}

step_poststratify <- function(design, step)
  postStratify(design, one_sided(step$by), totals_table(step$by, step$totals))

step_rake <- function(design, step)
  rake(design, lapply(step$margins, function(m) one_sided(m$by)),
       lapply(step$margins, function(m) totals_table(m$by, m$totals)),
       control = list(maxit = or(step$maxit, 10), epsilon = or(step$epsilon, 1), verbose = FALSE))

step_calibrate <- function(design, step) {
  terms <- vapply(step$model$terms, function(t) {
    name <- ifelse(unlist(t$var) == make.names(unlist(t$var)), unlist(t$var), paste0("`", unlist(t$var), "`"))
    if (t$kind == "categorical")
      name <- ifelse(vapply(unlist(t$var), function(v) is.numeric(data_of(design)[[v]]), TRUE),
                     paste0("factor(", name, ")"), name)
    paste(name, collapse = ":")
  }, "")
  formula <- reformulate(c(if (length(terms)) terms else "1", if (!step$model$intercept) "-1"))
  population <- vapply(step$totals, function(t) as.numeric(t$total), 0)
  columns <- colnames(model.matrix(formula, model.frame(formula, data_of(design), na.action = na.pass)))
  names(population) <- vapply(step$totals, function(t) {
    if (t$term == "(Intercept)") return("(Intercept)")
    wanted <- paste(paste0(unlist(t$var), unlist(or(t$level, rep("", length(t$var))))), collapse = ":")
    plain <- gsub("factor\\(([^)]*)\\)|`", "\\1", columns)
    columns[match(wanted, plain)]
  }, "")
  arguments <- list(design, formula, population, calfun = step$distance,
                    epsilon = or(step$epsilon, 1e-7), maxit = or(step$maxit, 50))
  if (!is.null(step$bounds))
    arguments$bounds <- mapply(or, step$bounds, c(-Inf, Inf))
  if (isTRUE(step$bounds_are_weights)) arguments$bounds.const <- TRUE
  if (!is.null(step$variance_column)) arguments$variance <- data_of(design)[[step$variance_column]]
  if (!is.null(step$aggregate_stage)) arguments$aggregate.stage <- step$aggregate_stage
  if (!is.null(step$aggregate_by)) arguments$aggregate.index <- one_sided(step$aggregate_by)
  if (inherits(design, "svyrep.design")) arguments$compress <- FALSE
  do.call(calibrate, arguments)
}

step_trim <- function(design, step)
  trimWeights(design, upper = or(step$upper, Inf), lower = or(step$lower, -Inf), strict = isTRUE(step$strict))

step_standardize <- function(design, step) {
  shares <- totals_table(step$by, step$population, "share")
  svystandardize(design, by = one_sided(step$by), over = one_sided(step$over), population = shares,
                 excluding.missing = optional(step$excluding_missing))
}

step_replicates <- function(design, step) {
  arguments <- list(design, type = step$method, mse = isTRUE(step$mse))
  if (!is.null(step$fay_rho)) arguments$fay.rho <- step$fay_rho
  do.call(as.svrepdesign, arguments)
}

STEPS <- list(domain = step_domain, poststratify = step_poststratify, rake = step_rake,
              calibrate = step_calibrate, trim_weights = step_trim, standardize = step_standardize,
              to_replicates = step_replicates)

weights_of <- function(design) {
  w <- weights(design, "sampling")
  names(w) <- NULL
  list(n = length(w), n_nonzero = sum(w != 0), sum = sum(w), min = min(w), max = max(w), sumsq = sum(w^2),
       head = I(head(w, 10)))
}

# ---- requests ------------------------------------------------------------------------------------

as_categories <- function(design, columns) {
  for (name in unlist(columns)) {
    column <- data_of(design)[[name]]
    if (!is.factor(column)) design$variables[[name]] <- factor(column)
  }
  design
}

domain_df <- function(design, labels, by) {
  inside <- rep(TRUE, nrow(data_of(design)))
  for (name in by) inside <- inside & as.character(data_of(design)[[name]]) == as.character(labels[[name]])
  degf(subset(design, inside & !is.na(inside)))
}

plain_names <- function(x) gsub("`", "", x)

by_rows <- function(design, request, formula, method, ..., deff = NULL) {
  by <- unlist(request$by)
  arguments <- list(formula, one_sided(by), design, method, ..., keep.names = FALSE)
  if (!is.null(deff)) arguments$deff <- deff
  found <- do.call(svyby, arguments)
  n_by <- length(by)
  estimate <- attr(found, "svyby")$variables
  statistic <- attr(found, "svyby")$nstats
  table <- as.data.frame(found)
  limits <- confint(found)
  est <- as.matrix(table[, n_by + seq_len(statistic), drop = FALSE])
  se <- as.matrix(SE(found))
  effects <- if (!is.null(deff) && !identical(deff, FALSE)) as.matrix(table[, ncol(table) + 1 - rev(seq_len(statistic)), drop = FALSE]) else NULL
  rows <- list()
  for (i in seq_len(nrow(table))) {
    labels <- lapply(setNames(by, by), function(name) {
      value <- table[[name]][i]
      if (is.factor(value)) as.character(value) else value
    })
    for (k in seq_len(statistic)) {
      # confint lists all domains of the first variable, then the second's
      position <- (k - 1) * nrow(table) + i
      row <- list(by = labels, name = names_of(request, estimate[k]), est = est[i, k], se = se[i, k],
                  ci_z = I(unname(limits[position, ])), df_domain = domain_df(design, labels, by))
      if (!is.null(effects)) row$deff <- effects[i, k]
      rows <- c(rows, list(row))
    }
  }
  list(df = degf(design), estimates = rows)
}

names_of <- function(request, found) {
  if (request$stat == "ratio") paste0(request$numerator, "/", request$denominator) else plain_names(found)
}

plain_rows <- function(design, request, found) {
  t <- confint(found, df = degf(design)); z <- confint(found)
  se <- as.vector(SE(found))
  est <- as.vector(coef(found))
  effects <- if (!is.null(request$deff)) as.vector(deff(found)) else NULL
  rows <- lapply(seq_along(est), function(k) {
    row <- list(name = names_of(request, names(coef(found))[k]), est = est[k], se = se[k],
                ci_t = I(unname(t[k, ])), ci_z = I(unname(z[k, ])))
    if (!is.null(effects)) row$deff <- effects[k]
    row
  })
  result <- list(df = degf(design), estimates = rows)
  if (length(est) > 1) result$vcov <- unname(vcov(found))
  result
}

estimated <- function(method) function(design, request) {
  design <- as_categories(design, request$categorical)
  formula <- one_sided(request$vars)
  na <- isTRUE(request$na_rm)
  effect <- request$deff
  if (length(request$by)) return(by_rows(design, request, formula, method, na.rm = na, deff = effect))
  plain_rows(design, request, method(formula, design, na.rm = na, deff = or(effect, FALSE)))
}

request_ratio <- function(design, request) {
  top <- one_sided(request$numerator); bottom <- one_sided(request$denominator)
  na <- isTRUE(request$na_rm)
  if (length(request$by))
    return(by_rows(design, request, top, svyratio, denominator = bottom, na.rm = na, deff = request$deff))
  found <- svyratio(top, bottom, design, na.rm = na, deff = or(request$deff, FALSE))
  plain_rows(design, request, found)
}

request_var <- function(design, request) {
  formula <- one_sided(request$vars)
  na <- isTRUE(request$na_rm)
  if (length(request$by)) return(by_rows(design, request, formula, svyvar, na.rm = na))
  found <- svyvar(formula, design, na.rm = na)
  row <- list(name = request$vars[[1]], est = as.vector(coef(found)), se = as.vector(SE(found)),
              ci_t = I(as.vector(confint(found, df = degf(design)))), ci_z = I(as.vector(confint(found))))
  list(df = degf(design), estimates = list(row))
}

request_ciprop <- function(design, request) {
  found <- svyciprop(one_sided(request$vars), design, method = request$method,
                     na.rm = TRUE)
  row <- list(name = request$vars[[1]], est = as.vector(coef(found)), se = as.vector(SE(found)),
              ci = I(as.vector(attr(found, "ci"))), method = request$method)
  list(df = degf(design), estimates = list(row))
}

request_quantile <- function(design, request) {
  p <- unlist(request$probs)
  found <- svyquantile(one_sided(request$vars), design, quantiles = p, na.rm = isTRUE(request$na_rm),
                       qrule = request$qrule, interval.type = request$interval_type)
  rows <- list()
  for (v in seq_along(request$vars)) for (k in seq_along(p)) {
    m <- found[[v]]
    rows <- c(rows, list(list(name = request$vars[[v]], p = p[k], est = m[k, 1],
                              ci = I(c(m[k, 2], m[k, 3])), se = m[k, 4])))
  }
  list(df = degf(design), estimates = rows)
}

request_table <- function(design, request) {
  counted <- as.data.frame(svytable(one_sided(request$vars), design), stringsAsFactors = FALSE)
  cells <- lapply(seq_len(nrow(counted)), function(i)
    c(lapply(setNames(request$vars, request$vars), function(name) counted[[make.names(name)]][i]),
      list(est = counted$Freq[i])))
  list(df = degf(design), cells = cells)
}

request_chisq <- function(design, request) {
  found <- svychisq(one_sided(c(request$row, request$col)), design, statistic = request$statistic)
  parameter <- as.vector(found$parameter)
  list(df = degf(design), statistic = as.vector(found$statistic),
       parameter = I(if (is.null(parameter)) numeric() else parameter),
       p_value = as.vector(found$p.value), statistic_kind = request$statistic)
}

request_ttest <- function(design, request) {
  one <- request$group %in% c("0", "1")
  found <- svyttest(as.formula(paste0("`", request$y, "` ~ ", if (one) request$group else paste0("`", request$group, "`"))), design)
  list(df = degf(design), statistic = as.vector(found$statistic), parameter = as.vector(found$parameter),
       p_value = as.vector(found$p.value), difference = as.vector(found$estimate), ci = I(as.vector(found$conf.int)))
}

request_ranktest <- function(design, request) {
  found <- svyranktest(as.formula(paste0("`", request$y, "` ~ `", request$group, "`")), design, test = request$test)
  result <- list(df = degf(design), statistic = as.vector(found$statistic),
                 parameter = I(as.vector(found$parameter)), p_value = as.vector(found$p.value))
  if (!is.null(found$estimate)) result$difference <- as.vector(found$estimate)
  result
}

request_contrast <- function(design, request) {
  groups <- svyby(one_sided(request$vars), one_sided(request$by_contrast), design, svymean, covmat = TRUE)
  found <- svycontrast(groups, unlist(request$coefficients))
  names(found) <- "contrast"
  plain_rows(design, request, found)
}

request_glm <- function(design, request) {
  family <- get(request$family)
  family <- if (is.null(request$link)) family() else family(link = request$link)
  x <- unlist(request$x)
  right <- if (length(x)) paste(x, collapse = " + ") else "1"
  formula <- as.formula(paste(request$y, "~", right))
  fit <- svyglm(formula, design, family = family)
  found <- summary(fit)$coefficients
  limits <- confint(fit)
  rows <- lapply(seq_len(nrow(found)), function(k)
    list(name = plain_names(rownames(found)[k]), est = found[k, 1], se = found[k, 2], t = found[k, 3], p_value = found[k, 4],
         ci = I(unname(limits[k, ]))))
  result <- list(df = degf(design), df_residual = fit$df.residual,
                 dispersion = as.vector(summary(fit)$dispersion)[1],
                 deviance = fit$deviance, null_deviance = fit$null.deviance, estimates = rows,
                 vcov = unname(vcov(fit)))
  if (!is.null(request$wald_term)) {
    test <- regTermTest(fit, as.formula(paste("~", request$wald_term)))
    result$wald <- list(term = request$wald_term, F = as.vector(test$Ftest), df = test$df, ddf = test$ddf,
                        p_value = as.vector(test$p))
  }
  result
}

REQUESTS <- list(mean = estimated(svymean), total = estimated(svytotal), ratio = request_ratio,
                 var = request_var, ciprop = request_ciprop, quantile = request_quantile,
                 table = request_table, chisq = request_chisq, ttest = request_ttest,
                 ranktest = request_ranktest, contrast = request_contrast, glm = request_glm)

# ---- small areas ---------------------------------------------------------------------------------

fay_herriot <- function(case) {
  request <- case$request
  data <- read_table(case$dataset)
  terms <- vapply(request$x$terms, function(t) paste(unlist(t$var), collapse = ":"), "")
  mods <- reformulate(c(if (length(terms)) terms else "1", if (!request$x$intercept) "-1"))
  for (t in request$x$terms) if (t$kind == "categorical") for (v in unlist(t$var)) data[[v]] <- factor(data[[v]])
  y <- data[[request$direct]]; v <- data[[request$direct_variance]]
  fit <- metafor::rma(y, v, mods = mods, data = data, method = request$method,
                      control = list(threshold = 1e-12, maxiter = 1000))
  x <- model.matrix(mods, data)
  gamma <- fit$tau2 / (fit$tau2 + v)
  fitted <- as.vector(x %*% coef(fit))
  result <- list(sigma2_v = fit$tau2,
                 beta = lapply(seq_len(ncol(x)), function(k)
                   list(name = colnames(x)[k], est = as.vector(coef(fit))[k], se = as.vector(fit$se)[k])),
                 gamma = I(gamma), eblup = I(gamma * y + (1 - gamma) * fitted))
  if (request$method == "REML") {
    spread <- solve(crossprod(x, x / (fit$tau2 + v)))
    g3 <- v^2 / (fit$tau2 + v)^3 * 2 / sum(1 / (fit$tau2 + v)^2)
    result$mse_prasad_rao <- I(gamma * v + (1 - gamma)^2 * rowSums((x %*% spread) * x) + 2 * g3)
  }
  result
}

nested_error <- function(case) {
  request <- case$request
  data <- read_table(case$dataset); data <- data[!data$obs %in% unlist(request$exclude_obs), ]
  aux <- read_table(case$aux_dataset)
  x <- unlist(request$x)
  formula <- as.formula(paste(request$y, "~", paste(x, collapse = " + "), "+ (1 |", request$area, ")"))
  fit <- lme4::lmer(formula, data, REML = request$method == "REML",
                    control = lme4::lmerControl(optimizer = "Nelder_Mead", optCtrl = list(FtolAbs = 1e-14, XtolRel = 1e-14)))
  spread <- as.data.frame(lme4::VarCorr(fit))$vcov
  beta <- lme4::fixef(fit)
  u <- lme4::ranef(fit)[[request$area]]
  area <- aux[[request$area]]
  effect <- u[match(area, rownames(u)), 1]
  means <- cbind(1, as.matrix(aux[paste0("ave_", x)]))
  model <- as.vector(means %*% beta) + effect
  n <- as.vector(table(factor(data[[request$area]], area)))
  f <- n / aux$pop_segments
  ybar <- as.vector(tapply(data[[request$y]], factor(data[[request$area]], area), mean))
  xbar <- cbind(1, sapply(x, function(name) tapply(data[[name]], factor(data[[request$area]], area), mean)))
  finite <- f * ybar + as.vector((means - f * xbar) %*% beta) + (1 - f) * effect
  list(beta = lapply(names(beta), function(name) list(name = name, est = unname(beta[name]))),
       sigma2_u = spread[1], sigma2_e = spread[2], area = I(area), random_effect = I(effect),
       eblup_mean_model = I(model), eblup_mean_finite_population = I(finite))
}

MODELS <- list(fay_herriot = fay_herriot, nested_error_regression = nested_error)

# ---- writing with all digits ---------------------------------------------------------------------

to_json <- function(x) {
  if (is.null(x)) return("null")
  if (is.matrix(x)) return(paste0("[", paste(apply(x, 1, function(row) to_json(I(row))), collapse = ", "), "]"))
  if (is.list(x)) {
    parts <- vapply(x, to_json, "")
    if (is.null(names(x))) return(paste0("[", paste(parts, collapse = ", "), "]"))
    return(paste0("{", paste0(vapply(names(x), to_json, ""), ": ", parts, collapse = ", "), "}"))
  }
  x_parts <- if (is.character(x)) vapply(x, function(s) as.character(toJSON(s, auto_unbox = TRUE)), "")
    else if (is.logical(x)) ifelse(is.na(x), "null", ifelse(x, "true", "false"))
    else ifelse(is.finite(x), sprintf("%.17g", as.numeric(x)), "null")
  if (length(x) == 1 && !inherits(x, "AsIs")) return(unname(x_parts))
  paste0("[", paste(x_parts, collapse = ", "), "]")
}

# ---- all cases -----------------------------------------------------------------------------------

compute <- function(case) {
  model <- MODELS[[case$request$stat]]
  if (!is.null(model)) return(model(case))
  design <- DESIGNS[[case$design$type]](case$design, read_table(case$dataset))
  weighted <- FALSE
  for (step in case$steps) {
    design <- STEPS[[step$op]](design, step)
    weighted <- weighted || !step$op %in% c("domain", "to_replicates")
  }
  result <- REQUESTS[[case$request$stat]](design, case$request)
  if (weighted) result$weights <- weights_of(design)
  result
}

answered <- function(case) {
  case$result <- NULL; case$refused <- NULL; case$r_warnings <- NULL
  warned <- character()
  found <- tryCatch(withCallingHandlers(compute(case), warning = function(w) {
    warned <<- unique(c(warned, conditionMessage(w))); invokeRestart("muffleWarning")
  }), error = function(e) e)
  if (inherits(found, "error")) case$refused <- conditionMessage(found) else case$result <- found
  if (length(warned)) case$r_warnings <- I(warned)
  case
}

arguments <- commandArgs(trailingOnly = TRUE)
DATA <- arguments[2]
cases <- read_json(arguments[1])$cases
out <- vapply(cases, function(case) to_json(answered(case)), "")
meta <- to_json(list(r_version = R.version.string, survey_version = as.character(packageVersion("survey"))))
writeLines(paste0('{"meta": ', meta, ',\n "cases": [\n', paste(out, collapse = ",\n"), "\n]}"), arguments[3])
