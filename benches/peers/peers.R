# The same questions in R: data.table for the queries, survival and etm for the estimates.
# Rscript benches/peers/peers.R RATINGS.csv prints a line of JSON a question.
suppressMessages({
  library(data.table)
  library(survival)
  library(etm)
})
path <- commandArgs(trailingOnly = TRUE)[1]
day <- function(text) as.integer(as.Date(text))
BEFORE <- day("2020-06-30"); NOW <- day("2030-06-30"); LAST <- day("2045-12-31"); FROM <- day("2013-01-01")
d <- fread(path, colClasses = c("character", "integer", "integer"))
d <- d[effect <= LAST]

best <- function(query, run) {
  times <- c()
  while (length(times) < 5 && (length(times) == 0 || times[1] < 20)) {
    gc(verbose = FALSE)
    start <- proc.time()[["elapsed"]]
    answer <- run()
    times <- c(times, proc.time()[["elapsed"]] - start)
  }
  answer <- paste(sprintf("%.12g", answer), collapse = ", ")
  cat(sprintf('{"query": "%s", "seconds": %.4f, "answer": [%s]}\n', query, min(times), answer))
}

runs <- function(rows) {
  rows[, .(authority = authority[1], grade = grade[1], start = effect[1], inspections = .N), by = .(run = rleid(authority, grade))]
}
last_of <- function(rows) rows[!duplicated(authority, fromLast = TRUE)]
spells <- function() {
  all <- runs(d)
  all[, end := shift(start, type = "lead", fill = LAST)]
  all[, final := shift(authority, type = "lead", fill = "") != authority]
  all[final == TRUE, end := LAST][, days := end - start]
}

best("as_of", function() { now <- last_of(runs(d[effect <= NOW])); c(nrow(now), sum(NOW - now$start)) })
best("spells", function() { all <- spells(); c(nrow(all), sum(all$days)) })
best("transitions", function() {
  all <- d[, .(authority, effect, grade, body = shift(authority), before = shift(grade), on = shift(effect))]
  all <- all[body == authority][, days := effect - on]
  c(nrow(all), sum(all$days))
})
best("streaks", function() {
  all <- d[, .(authority, effect, key = grade <= 1L)]
  all <- all[, .(authority = authority[1], key = key[1], start = effect[1]), by = .(run = rleid(authority, key))]
  all[, end := shift(start, type = "lead", fill = LAST)]
  all[shift(authority, type = "lead", fill = "") != authority, end := LAST]
  all <- all[key == TRUE][, days := end - start]
  c(nrow(all), sum(all$days))
})
best("flows", function() {
  now <- last_of(d[effect <= NOW])
  then <- last_of(d[effect <= BEFORE])
  n <- merge(then, now, by = "authority")[, .N, by = .(grade.x, grade.y)]$N
  c(length(n), sum(as.numeric(n)^2))
})
best("kaplan_meier", function() {
  all <- spells()[grade == 0L & days > 0]
  curve <- survfit(Surv(all$days / 365.25, !all$final) ~ 1, conf.type = "log-log")
  c(curve$n, sum(curve$n.event), summary(curve, times = 5)$surv)
})
if (nrow(d) <= 2e6) best("aalen_johansen", function() {
  all <- spells()
  all[, to := shift(grade, type = "lead")]
  all <- all[end > FROM & start < NOW]
  moves <- data.frame(id = all$authority, from = all$grade, to = ifelse(all$final | all$end > NOW, "cens", all$to),
                      entry = pmax(all$start, FROM), exit = pmin(all$end, NOW))
  possible <- outer(0:3, 0:3, "!=")
  estimate <- etm(moves, as.character(0:3), possible, "cens", s = FROM, t = NOW, covariance = FALSE)
  c(t(estimate$est[, , dim(estimate$est)[3]]))
})
