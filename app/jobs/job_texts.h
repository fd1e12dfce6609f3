// JobTexts: what the list of jobs says, in the language that is set: plain functions of a job, its
// rate and its neighbours. Numbers as NumberFormat writes them. GUI thread only.
#pragma once

#include <QString>
#include <chrono>
#include <optional>

#include "app/core/jobs/job.h"

namespace sotto::app {

class NumberFormat;

// Of what a job's pace is the mean, and the least of it that says anything: calm enough to read.
inline constexpr std::chrono::seconds kJobRateWindow{10};
inline constexpr std::chrono::seconds kJobShortestLook{1};

// A job is named by its verb and object: "Quantize Qwen3 14B"; a download by its object alone.
QString jobTitle(const JobSpec& spec);
// A file of resources/icons.
QString jobIcon(const std::string& kind);

// What a job does before or between the parts of its own work that have a measure: "Measures the
// importance matrix, 12 %"; empty: nothing of that kind.
QString jobPhase(const JobProgress& progress, const NumberFormat& format);

// "8.91", of "%1 of 14.33 GB": the number stands out, the sentence around it is one.
struct JobAmount {
    QString done;
    QString sentence;  // with %1 where the number stands; empty: nothing can be said
    // What stands before and behind the number.
    QString before() const { return sentence.section(QStringLiteral("%1"), 0, 0); }
    QString after() const { return sentence.section(QStringLiteral("%1"), 1); }
    QString whole() const { return sentence.isEmpty() ? sentence : sentence.arg(done); }
};
// `isKept`: the job does not go on now: "%1 of 9.05 GB kept".
JobAmount jobAmount(const JobProgress& progress, bool isKept, const NumberFormat& format);
// "48.2 MB/s, 1 min 52 s left"; empty as long as it is not known. `perSecond`: in the progress's
// unit.
QString jobPace(const JobProgress& progress, std::optional<double> perSecond,
                const NumberFormat& format);
// "2.50 GB", of a job that is over or has not begun; empty: not known.
QString jobSize(const JobProgress& progress, const NumberFormat& format);
// Paused, waiting for `before` (the title of the job in front of it in its lane), done, failed.
QString jobStateText(const JobInfo& job, const QString& before, const NumberFormat& format);
QString jobSection(JobState state);
// "3 running, 2 waiting"
QString jobSummary(int nRunning, int nWaiting);

}  // namespace sotto::app
