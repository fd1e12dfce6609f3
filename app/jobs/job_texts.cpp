#include "app/jobs/job_texts.h"

#include <QCoreApplication>

#include "app/bridge/error_text.h"
#include "app/system/number_format.h"

namespace sotto::app {
namespace {

struct JobText {
    Q_DECLARE_TR_FUNCTIONS(JobText)
};

// Decimal units; both numbers of a sentence have the unit of the whole.
struct ByteUnit {
    double factor;
    const char* name;
};

ByteUnit unitOf(double bytes) {
    if (bytes >= 0.9995e9) return {1e9, "GB"};
    if (bytes >= 0.9995e6) return {1e6, "MB"};
    return {1e3, "kB"};
}

QString inUnit(std::uint64_t bytes, ByteUnit unit, const NumberFormat& format) {
    return format.fixed(static_cast<double>(bytes) / unit.factor, unit.factor >= 1e6 ? 2 : 0);
}

QString bytesSentence(const QString& total, bool isKept) {
    return isKept ? JobText::tr("%1 of %2 kept").arg(QStringLiteral("%1"), total)
                  : JobText::tr("%1 of %2").arg(QStringLiteral("%1"), total);
}

QString countSentence(JobUnit unit, const QString& total, int nTotal) {
    const QString done = QStringLiteral("%1");
    switch (unit) {
        case JobUnit::Tensors:
            return JobText::tr("%1 of %2 tensors", nullptr, nTotal).arg(done, total);
        case JobUnit::Chats: return JobText::tr("%1 of %2 chats", nullptr, nTotal).arg(done, total);
        case JobUnit::Texts: return JobText::tr("%1 of %2 texts", nullptr, nTotal).arg(done, total);
        case JobUnit::Files: return JobText::tr("%1 of %2 files", nullptr, nTotal).arg(done, total);
        case JobUnit::Bytes:
        case JobUnit::Tokens:
        case JobUnit::ReadTokens:
        case JobUnit::Samples:
        case JobUnit::None: break;
    }
    return {};
}

}  // namespace

QString jobTitle(const JobSpec& spec) {
    const QString subject = QString::fromStdString(spec.subject);
    if (spec.kind == "quantize") return JobText::tr("Quantize %1").arg(subject);
    if (spec.kind == "compare") return JobText::tr("Compare %1").arg(subject);
    if (spec.kind == "import") return JobText::tr("Import from %1").arg(subject);
    if (spec.kind == "export") return JobText::tr("Export %1").arg(subject);
    if (spec.kind == "find duplicates") return JobText::tr("Look for duplicates");
    return subject;
}

QString jobIcon(const std::string& kind) {
    if (kind == "download") return QStringLiteral("download");
    if (kind == "quantize") return QStringLiteral("layers");
    if (kind == "compare") return QStringLiteral("columns-3");
    if (kind == "import") return QStringLiteral("import");
    if (kind == "export") return QStringLiteral("upload");
    if (kind == "find duplicates") return QStringLiteral("copy");
    return QStringLiteral("cpu");
}

QString jobPhase(const JobProgress& progress, const NumberFormat& format) {
    if (progress.total == 0) return {};
    const QString share = format.percent(shareOf(progress));
    switch (progress.unit) {
        case JobUnit::Tokens: return JobText::tr("Measures the importance matrix, %1").arg(share);
        case JobUnit::ReadTokens:
            return JobText::tr("Reads the text with the model, %1").arg(share);
        case JobUnit::Samples: return JobText::tr("Tries on samples of the weights, %1").arg(share);
        default: return {};
    }
}

JobAmount jobAmount(const JobProgress& progress, bool isKept, const NumberFormat& format) {
    if (progress.total == 0) return {};
    if (progress.unit == JobUnit::Bytes) {
        const ByteUnit unit = unitOf(static_cast<double>(progress.total));
        const QString total =
            inUnit(progress.total, unit, format) + QChar(0x00A0) + QLatin1String(unit.name);
        return {inUnit(progress.done, unit, format), bytesSentence(total, isKept)};
    }
    return {format.count(static_cast<double>(progress.done)),
            countSentence(progress.unit, format.count(static_cast<double>(progress.total)),
                          static_cast<int>(progress.total))};
}

QString jobPace(const JobProgress& progress, std::optional<double> perSecond,
                const NumberFormat& format) {
    // Nothing moves, or nobody knows how far it is.
    if (!perSecond || *perSecond <= 0 || progress.total <= progress.done) return {};
    const QString time =
        format.duration(static_cast<double>(progress.total - progress.done) / *perSecond);
    if (progress.unit != JobUnit::Bytes) return JobText::tr("%1 left").arg(time);
    return JobText::tr("%1/s, %2 left").arg(format.sizeSum(*perSecond), time);
}

QString jobSize(const JobProgress& progress, const NumberFormat& format) {
    if (progress.unit != JobUnit::Bytes || progress.total == 0) return {};
    return format.fileSize(static_cast<double>(progress.total));
}

QString jobStateText(const JobInfo& job, const QString& before, const NumberFormat& format) {
    switch (job.state) {
        case JobState::NeedsYou:
        case JobState::Failed:
            if (!job.error) return {};
            return job.spec.kind == "compare" ? readingErrorText(*job.error)
                                              : errorText(*job.error);
        case JobState::Running:
            return job.isPausing ? JobText::tr("Pausing") : jobPhase(job.progress, format);
        case JobState::Waiting:
            return before.isEmpty() ? JobText::tr("starts soon")
                                    : JobText::tr("after %1").arg(before);
        case JobState::Paused: return JobText::tr("Paused by you");
        case JobState::Done: return JobText::tr("Done");
    }
    return {};
}

QString jobSection(JobState state) {
    switch (state) {
        case JobState::NeedsYou: return JobText::tr("Needs you");
        case JobState::Failed: return JobText::tr("Failed");
        case JobState::Running: return JobText::tr("Running");
        case JobState::Waiting: return JobText::tr("Waiting");
        case JobState::Paused: return JobText::tr("Paused");
        case JobState::Done: return JobText::tr("Finished");
    }
    return {};
}

QString jobSummary(int nRunning, int nWaiting) {
    if (nWaiting == 0) return nRunning == 0 ? QString() : JobText::tr("%1 running").arg(nRunning);
    if (nRunning == 0) return JobText::tr("%1 waiting").arg(nWaiting);
    return JobText::tr("%1 running, %2 waiting").arg(nRunning).arg(nWaiting);
}

}  // namespace sotto::app
