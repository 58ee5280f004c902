# One task of R's survey package in this process: Rscript measure.R FOLDER TASK. Prints one JSON line, or null.
suppressMessages(library(survey))
arguments <- commandArgs(TRUE); folder <- arguments[1]; task <- arguments[2]
margins <- c("sexage", "urban", "stratum", "edu"); outcomes <- paste0("y", 0:9)
column <- function(name) {
  path <- file.path(folder, paste0(name, ".f64"))
  readBin(path, "double", file.size(path) / 8)
}
memory <- function(key) {
  line <- grep(paste0("^", key), readLines("/proc/self/status"), value = TRUE)
  as.numeric(gsub("[^0-9]", "", line)) / 1024
}
frame <- as.data.frame(sapply(c("w", "psu", margins, outcomes), column, simplify = FALSE))
for (name in margins) frame[[name]] <- factor(frame[[name]])
controls <- read.csv(file.path(folder, "margins.csv"))
totals <- lapply(split(controls, controls$margin), function(part) setNames(part$total, part$level))
design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~w, data = frame, nest = TRUE)

population <- function() {
  others <- lapply(margins, function(name) {
    found <- totals[[name]][levels(frame[[name]])][-1]
    setNames(found, paste0(name, names(found)))
  })
  c(`(Intercept)` = sum(totals$urban), unlist(others))
}
calibrated <- function(...) calibrate(design, ~sexage + urban + stratum + edu, population(), ...)
means <- function(of) svyby(as.formula(paste("~", paste(outcomes, collapse = "+"))), ~stratum, of, svymean)
tasks <- list(
  rake = function() rake(design, lapply(margins, function(name) as.formula(paste0("~", name))),
    lapply(margins, function(name) setNames(data.frame(names(totals[[name]]), totals[[name]]), c(name, "Freq"))),
    control = list(maxit = 200, epsilon = 2e-9)),
  raking = function() calibrated(calfun = "raking", epsilon = 1e-6, maxit = 100),
  greg = function() calibrated(calfun = "linear"),
  logit = function() calibrated(calfun = "logit", bounds = c(0.6, 1.7), epsilon = 1e-6, maxit = 100),
  taylor = function() means(design),
  boot = function() { set.seed(1); means(as.svrepdesign(design, type = "subbootstrap", replicates = 200)) })

if (is.null(tasks[[task]])) { cat("null\n"); quit() }
invisible(gc()); writeLines("5", "/proc/self/clear_refs") # the kernel counts the peak anew
before <- memory("VmRSS")
start <- proc.time()
result <- tasks[[task]]()
took <- proc.time() - start; peak <- memory("VmHWM")
check <- if (inherits(result, "svyby")) sum(SE(result)) else sum(weights(result)^2)
cat(sprintf('{"seconds": %.6f, "cpu": %.6f, "mb": %.1f, "check": %.17g}\n', took[["elapsed"]], took[["user.self"]] + took[["sys.self"]], peak - before, check))
