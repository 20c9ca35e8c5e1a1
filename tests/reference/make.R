# Makes the expected numbers of tests/it/reference.rs with R's reference implementations; run from the crate's root:
#   Rscript tests/reference/make.R
# Debian: r-cran-survival r-cran-etm r-cran-msm r-cran-ctmcd r-cran-markovchain. The tests do not need R.
suppressMessages({ library(survival); library(etm); library(msm); library(ctmcd); library(markovchain) })
options(digits = 17)
out <- "tests/reference"
save <- function(frame, name) write.csv(frame, file.path(out, paste0(name, ".csv")), row.names = FALSE, quote = FALSE, na = "")
long <- function(m, ...) data.frame(..., from = rep(rownames(m), ncol(m)), to = rep(colnames(m), each = nrow(m)), value = as.vector(m))

# ---- England's headline, built here from the tables of facts
data <- "src/dataset/england"
grades <- c("inadequate", "requires_improvement", "good", "outstanding")
inspections <- read.csv(file.path(data, "inspections.csv"), colClasses = "character")
judgements <- read.csv(file.path(data, "judgements.csv"), colClasses = "character")
authorities <- read.csv(file.path(data, "authorities.csv"), colClasses = "character")
area <- c(SLAC = "safeguarding_overall", APC = "overall_effectiveness", SIF = "overall_effectiveness", ILACS = "overall_effectiveness")
effect <- with(inspections, ifelse(end_date == "", published, ifelse(date_precision != "day" & published != "" & published < end_date, published, end_date)))
rows <- merge(data.frame(inspections, effect), judgements, by = "inspection_id")
headline <- rows[!is.na(area[rows$framework]) & rows$area == area[rows$framework], ]
ended <- unique(rows[rows$framework == "ILACS2026", c("gss_code", "inspection_id", "effect", "published")])
h <- rbind(headline[, c("gss_code", "inspection_id", "effect", "published", "grade")],
           data.frame(ended, grade = rep("", nrow(ended))))
h$grade[h$grade == "adequate"] <- "requires_improvement"
h <- h[h$grade %in% c(grades, ""), ]
h <- h[order(h$gss_code, h$effect, h$published, h$inspection_id), ]
h$day <- as.integer(as.Date(h$effect))
h <- h[!duplicated(h[, c("gss_code", "day")], fromLast = TRUE), ]
cutoff <- as.integer(as.Date("2026-08-20"))
closed <- setNames(authorities$closed, authorities$gss_code)

stays <- do.call(rbind, lapply(split(h, h$gss_code), function(x) {
  end <- if (closed[x$gss_code[1]] == "") cutoff else min(cutoff, as.integer(as.Date(closed[x$gss_code[1]])))
  r <- rle(x$grade)
  last <- cumsum(r$lengths); first <- last - r$lengths + 1
  n <- length(first)
  s <- data.frame(id = x$gss_code[1], from = r$values, entry = x$day[first], latest = x$day[last],
                  exit = c(x$day[first[-1]], end), to = c(r$values[-1], "cens"))
  s$to[s$to == ""] <- "cens"
  s[s$from != "", ]
}))
stays$region <- authorities$region[match(stays$id, authorities$gss_code)]

# Rates of fully observed stays
years <- (stays$exit - stays$entry) / 365.25
exposure <- tapply(years, factor(stays$from, grades), sum)
counts <- table(factor(stays$from, grades), factor(stays$to, grades))
q <- unclass(counts) / as.vector(exposure); diag(q) <- 0; diag(q) <- -rowSums(q)
dimnames(q) <- list(grades, grades)
p5 <- MatrixExp(q, 5); dimnames(p5) <- dimnames(q)
save(rbind(long(q, what = "rate"), long(p5, what = "five_years")), "england_generator")

# Cohort: grades on 20 August of each year
at <- function(id, day) { x <- stays[stays$id == id & stays$entry <= day, ]; x <- x[x$exit > day | (x$exit == cutoff & day == cutoff & x$to == "cens"), ]; if (nrow(x)) x$from[nrow(x)] else NA }
ids <- unique(stays$id)
days <- rev(seq(as.Date("2026-08-20"), as.Date(min(stays$entry), origin = "1970-01-01"), by = "-1 year"))
snap <- sapply(as.integer(days), function(d) sapply(ids, at, day = d))
pairs <- do.call(rbind, lapply(seq_len(ncol(snap) - 1), function(n) data.frame(a = snap[, n], b = snap[, n + 1])))
pairs <- pairs[!is.na(pairs$a) & !is.na(pairs$b), ]
tab <- table(factor(pairs$a, grades), factor(pairs$b, grades))
sequences <- Filter(function(x) length(x) > 1, apply(snap, 1, function(x) as.character(x[!is.na(x)])))
fitted <- markovchainFit(data = sequences, possibleStates = grades)$estimate@transitionMatrix[grades, grades]
save(rbind(long(unclass(tab), what = "count"), long(fitted, what = "probability")), "england_cohort")
steady <- steadyStates(new("markovchain", states = grades, transitionMatrix = fitted))
save(data.frame(state = grades, value = as.vector(steady[, grades])), "england_steady")

# Aalen-Johansen from 2018 on
from <- as.integer(as.Date("2018-01-01"))
tra <- matrix(TRUE, 4, 4, dimnames = list(grades, grades)); diag(tra) <- FALSE
aj <- function(s, stays, tra, states, t = "last") {
  stays <- stays[stays$exit > stays$entry, ]
  etm(stays[, c("id", "from", "to", "entry", "exit")], states, tra, "cens", s = s, t = t, covariance = TRUE)
}
fit <- aj(from, stays, tra, grades, cutoff)
last <- dim(fit$est)[3]
v <- matrix(diag(fit$cov[, , last]), 4, 4, dimnames = list(grades, grades))
save(rbind(long(fit$est[, , last], what = "probability"), long(v, what = "variance")), "england_aalen_johansen")

# etm's own data: sir.cont (pneumonia in intensive care), as in its help
data(sir.cont)
sir <- sir.cont[order(sir.cont$id, sir.cont$time), ]
for (i in 2:nrow(sir)) if (sir$id[i] == sir$id[i - 1] && sir$time[i] == sir$time[i - 1]) sir$time[i - 1] <- sir$time[i - 1] - 0.5
first <- !duplicated(sir$id)
sir$entry <- ifelse(first, 0, c(NA, head(sir$time, -1))); sir$exit <- sir$time
sir <- data.frame(id = sir$id, from = as.character(sir$from), to = as.character(sir$to), entry = sir$entry, exit = sir$exit)
sir <- sir[sir$exit > sir$entry, ]
save(sir, "sir_stays")
tra <- matrix(FALSE, 3, 3, dimnames = list(c("0", "1", "2"), c("0", "1", "2")))
tra[1, 2:3] <- TRUE; tra[2, c(1, 3)] <- TRUE
for (s in c(0, 10)) {
  fit <- aj(s, sir, tra, c("0", "1", "2"))
  pick <- round(seq(1, dim(fit$est)[3], length.out = 8))
  rows <- do.call(rbind, lapply(pick, function(n) {
    v <- matrix(diag(fit$cov[, , n]), 3, 3, dimnames = list(c("0", "1", "2"), c("0", "1", "2")))
    rbind(long(fit$est[, , n], what = "probability", time = fit$time[n]), long(v, what = "variance", time = fit$time[n]))
  }))
  save(rows, paste0("sir_aalen_johansen_", s))
}

# ---- Kaplan-Meier and friends
curve <- function(case, y, conf) {
  f <- survfit(y ~ 1, conf.type = conf)
  data.frame(case = case, conf = conf, time = f$time, at_risk = f$n.risk, events = f$n.event, censored = f$n.censor,
             survival = f$surv, lower = f$lower, upper = f$upper, hazard = f$cumhaz, hazard_error = f$std.chaz)
}
scalars <- function(case, y, conf, rmean) {
  f <- survfit(y ~ 1, conf.type = conf)
  t <- summary(f, rmean = rmean)$table
  data.frame(case = case, conf = conf, until = rmean, median = t["median"], lower = t["0.95LCL"], upper = t["0.95UCL"],
             mean = t["rmean"], mean_error = t[grep("se\\(rmean\\)", names(t))])
}
inadequate <- stays[stays$from == "inadequate" & stays$exit > stays$entry, ]
y1 <- Surv((inadequate$exit - inadequate$entry) / 365.25, inadequate$to != "cens")
data(cancer, package = "survival")
y2 <- Surv(lung$time, lung$status == 2)
y3 <- Surv(heart$start, heart$stop, heart$event)
y4 <- Surv(aml$time, aml$status)
cases <- list(list("england_inadequate", y1, 5), list("lung", y2, 700), list("heart", y3, 1000), list("aml", y4, 100))
save(do.call(rbind, lapply(cases, function(c) rbind(curve(c[[1]], c[[2]], "log-log"), curve(c[[1]], c[[2]], "log"), curve(c[[1]], c[[2]], "plain")))), "curves")
save(do.call(rbind, lapply(cases, function(c) rbind(scalars(c[[1]], c[[2]], "log-log", c[[3]]), scalars(c[[1]], c[[2]], "log", c[[3]])))), "curve_scalars")
input <- rbind(data.frame(case = "lung", entry = 0, exit = lung$time, event = as.integer(lung$status == 2), group = lung$sex),
               data.frame(case = "heart", entry = heart$start, exit = heart$stop, event = heart$event, group = as.character(heart$transplant)),
               data.frame(case = "aml", entry = 0, exit = aml$time, event = aml$status, group = as.character(aml$x)),
               data.frame(case = "veteran", entry = 0, exit = veteran$time, event = veteran$status, group = as.character(veteran$celltype)))
save(input, "durations")
test <- function(case, f, data, rho) {
  d <- survdiff(f, data = data, rho = rho)
  data.frame(case = case, rho = rho, group = sub(".*=", "", names(d$n)), observed = as.vector(d$obs), expected = as.vector(d$exp), chi_squared = d$chisq, p = pchisq(d$chisq, length(d$n) - 1, lower.tail = FALSE))
}
ri <- stays[stays$from == "requires_improvement" & stays$exit > stays$entry, ]
ri$time <- (ri$exit - ri$entry) / 365.25; ri$event <- ri$to != "cens"
save(rbind(test("lung", Surv(time, status == 2) ~ sex, lung, 0), test("lung", Surv(time, status == 2) ~ sex, lung, 1),
           test("aml", Surv(time, status) ~ x, aml, 0), test("veteran", Surv(time, status) ~ celltype, veteran, 0),
           test("veteran", Surv(time, status) ~ celltype, veteran, 1),
           test("england_requires_improvement", Surv(time, event) ~ region, ri, 0)), "log_rank")

# Competing ends of requires improvement: improved or declined (etm)
kind <- ifelse(ri$to == "cens", "cens", ifelse(ri$to == "inadequate", "declined", "improved"))
comp <- data.frame(id = seq_len(nrow(ri)), from = "at_risk", to = kind, entry = 0, exit = ri$time)
tra <- matrix(FALSE, 3, 3, dimnames = list(c("at_risk", "improved", "declined"), c("at_risk", "improved", "declined"))); tra[1, 2:3] <- TRUE
fit <- etm(comp, c("at_risk", "improved", "declined"), tra, "cens", s = 0, covariance = TRUE)
pick <- round(seq(1, length(fit$time), length.out = 12))
v <- function(n, to) fit$cov[paste("at_risk", to), paste("at_risk", to), n]
save(data.frame(time = fit$time[pick], improved = fit$est[1, 2, pick], declined = fit$est[1, 3, pick],
                improved_variance = sapply(pick, v, "improved"), declined_variance = sapply(pick, v, "declined")), "england_incidence")

# Interval-censored: inadequate until some time between two inspections (Turnbull); and a worked set
brackets <- data.frame(case = "england", after = (inadequate$latest - inadequate$entry) / 365.25,
                       by = ifelse(inadequate$to == "cens", NA, (inadequate$exit - inadequate$entry) / 365.25))
set.seed(1)
t <- rexp(60, 0.3); step <- 0.7
worked <- data.frame(case = "worked", after = floor(t / step) * step, by = ceiling(t / step) * step)
worked$by[t > 6] <- NA; worked$after[t > 6] <- 6
save(rbind(brackets, worked), "brackets")
turn <- function(b) {
  b$after[b$after == 0] <- NA
  f <- survfit(Surv(b$after, b$by, type = "interval2") ~ 1)
  data.frame(case = b$case[1], time = f$time, survival = f$surv)
}
save(do.call(rbind, lapply(split(rbind(brackets, worked), c(brackets$case, worked$case)), function(b) tryCatch(turn(b), error = function(e) { message(e); NULL }))), "turnbull")

# ---- Panel likelihood: msm on inspections, moves only between neighbouring grades
panel <- h[h$grade != "", ]
panel$state <- match(panel$grade, grades); panel$years <- panel$day / 365.25
panel <- panel[panel$gss_code %in% names(which(table(panel$gss_code) > 1)), ]
start <- matrix(c(0, .2, 0, 0, .1, 0, .2, 0, 0, .1, 0, .1, 0, 0, .1, 0), 4, byrow = TRUE)
fit <- msm(state ~ years, subject = gss_code, data = panel, qmatrix = start, control = list(fnscale = 1000, reltol = 1e-16, maxit = 10000))
qm <- qmatrix.msm(fit, ci = "none"); dimnames(qm) <- list(grades, grades)
save(rbind(long(unclass(qm), what = "rate"), data.frame(what = "minus2loglik", from = "", to = "", value = fit$minus2loglik)), "england_panel")

# msm's own data: heart transplants (cav), as in its help, death at exact times left out (panel throughout)
data(cav)
twoway4.q <- rbind(c(0, 0.25, 0, 0.25), c(0.166, 0, 0.166, 0.166), c(0, 0.25, 0, 0.25), c(0, 0, 0, 0))
fit <- msm(state ~ years, subject = PTNUM, data = cav, qmatrix = twoway4.q, control = list(fnscale = 4000, reltol = 1e-16, maxit = 10000))
cq <- qmatrix.msm(fit, ci = "none"); dimnames(cq) <- list(1:4, 1:4)
save(rbind(long(unclass(cq), what = "rate"), data.frame(what = "minus2loglik", from = "", to = "", value = fit$minus2loglik)), "cav_panel")
save(cav[, c("PTNUM", "years", "state")], "cav")

# ---- Embedding: ctmcd's own data
data(tm_abs)
absolute <- tm_abs; absolute[8, ] <- 0
relative <- rbind((tm_abs / rowSums(tm_abs))[1:7, ], c(rep(0, 7), 1))
names8 <- rownames(tm_abs); if (is.null(names8)) names8 <- paste0("s", 1:8)
dimnames(relative) <- list(names8, names8); dimnames(absolute) <- list(names8, names8)
em0 <- matrix(1, 8, 8); diag(em0) <- 0; em0[8, ] <- 0; diag(em0) <- -rowSums(em0)
gens <- list(DA = gm(relative, te = 1, method = "DA")$par, WA = gm(relative, te = 1, method = "WA")$par,
             QO = gm(relative, te = 1, method = "QO")$par,
             EM = gm(absolute, te = 1, method = "EM", gmguess = em0, eps = 1e-12, niter = 100000)$par)
save(do.call(rbind, c(list(long(relative, what = "relative"), long(absolute, what = "absolute")),
     lapply(names(gens), function(n) { g <- gens[[n]]; dimnames(g) <- list(names8, names8); long(g, what = n) }))), "ctmcd")

# ---- Monotone trends with ties: Kendall's test of base R, continuity corrected; Theil-Sen by its definition
series <- list(nile = as.vector(Nile), discoveries = as.vector(discoveries), lynx = as.vector(log10(lynx)),
               ties = c(1, 2, 2, 3, 1, 3, 3, 4, 4, 2))
rows <- do.call(rbind, lapply(names(series), function(n) {
  y <- series[[n]]; t <- cumsum(rep(c(1, 1.5, 0.5), length.out = length(y)))
  k <- suppressWarnings(cor.test(t, y, method = "kendall", exact = FALSE, continuity = TRUE))
  slopes <- outer(seq_along(y), seq_along(y), function(i, j) (y[j] - y[i]) / (t[j] - t[i])); slopes <- slopes[upper.tri(slopes)]
  data.frame(case = n, tau = k$estimate, z = k$statistic, p = k$p.value, slope = median(slopes))
}))
save(rows, "monotone")
save(do.call(rbind, lapply(names(series), function(n) data.frame(case = n, time = cumsum(rep(c(1, 1.5, 0.5), length.out = length(series[[n]]))), value = series[[n]]))), "series")

# ---- Standard errors: differences of functions of the estimates (delta method), from the variances of what was counted
jacobian <- function(f, x) sapply(seq_along(x), function(n) {
  h <- 1e-5 * max(abs(x[n]), 1e-2); up <- x; down <- x; up[n] <- x[n] + h; down[n] <- x[n] - h
  as.vector(f(up) - f(down)) / (2 * h)
})
error <- function(f, x, v) { j <- jacobian(f, x); matrix(sqrt(pmax(0, rowSums((j %*% v) * j))), 4, 4, dimnames = list(grades, grades)) }
# Rates: moves are Poisson counts
off <- which(row(q) != col(q) & counts > 0)
rates <- function(x) { m <- matrix(0, 4, 4); m[off] <- x; diag(m) <- -rowSums(m); m }
moved <- as.vector(counts)[off]; at_risk <- as.vector(exposure)[row(q)[off]]
duration <- error(function(x) MatrixExp(rates(x), 5), moved / at_risk, diag(moved / at_risk^2))
# Pairs of snapshots: rows are multinomial
n_row <- rowSums(tab); p_one <- unclass(tab) / n_row
v <- matrix(0, 16, 16)
for (i in 1:4) { at_i <- seq(i, 16, 4); v[at_i, at_i] <- (diag(p_one[i, ]) - outer(p_one[i, ], p_one[i, ])) / n_row[i] }
power <- function(x, n) { m <- matrix(x, 4, 4); Reduce(`%*%`, rep(list(m), n)) }
# Panel: expected information of the log rates at msm's estimate (msm's own covariances are of the observed information)
intervals <- do.call(rbind, lapply(split(panel, panel$gss_code), function(x) data.frame(a = head(x$state, -1), b = tail(x$state, -1), t = diff(x$years))))
allowed <- which(t(start) > 0)
chain <- function(x, t) { m <- matrix(0, 4, 4); m[allowed] <- exp(x); m <- t(m); diag(m) <- -rowSums(m); MatrixExp(m, t) }
logs <- log(t(unclass(qm))[allowed]); information <- matrix(0, length(logs), length(logs))
for (n in seq_len(nrow(intervals))) {
  slopes <- jacobian(function(x) chain(x, intervals$t[n])[intervals$a[n], ], logs)
  information <- information + t(slopes) %*% (slopes / chain(logs, intervals$t[n])[intervals$a[n], ])
}
panel_error <- error(function(x) chain(x, 1), logs, solve(information))
save(rbind(long(duration, what = "duration"), long(error(function(x) power(x, 1), as.vector(p_one), v), what = "cohort_1"),
           long(error(function(x) power(x, 5), as.vector(p_one), v), what = "cohort_5"), long(panel_error, what = "panel")), "england_errors")

# Restricted means of two groups, and the median follow-up (reverse Kaplan-Meier)
groups <- function(case, y, group, until) {
  t <- summary(survfit(y ~ group), rmean = until)$table
  back <- survfit(Surv(y[, "time"], 1 - y[, "status"]) ~ group)
  d <- t[2, "rmean"] - t[1, "rmean"]; e <- sqrt(sum(t[1:2, "se(rmean)"]^2))
  data.frame(case = case, until = until, difference = d, error = e, p = 2 * pnorm(-abs(d / e)),
             first_followed = summary(back)$table[1, "median"], second_followed = summary(back)$table[2, "median"])
}
save(rbind(groups("lung", Surv(lung$time, lung$status == 2), lung$sex, 700), groups("aml", Surv(aml$time, aml$status), as.character(aml$x), 40)), "restricted_means")
