#include "app/compare/comparison_export.h"

#include <QBuffer>
#include <QClipboard>
#include <QGuiApplication>
#include <utility>

#include "app/jobs/window_job.h"
#include "base/text_file.h"

namespace sotto::app {
namespace {

// In error_text.cpp, too, for its translation.
Error noPicture() {
    return {ErrorCode::InvalidArgument,
            "The picture cannot be made: it takes more memory than there is. Close other programs, "
            "or save the comparison as Markdown."};
}

}  // namespace

ComparisonExport::ComparisonExport(JobRunner& jobs, QObject* parent)
    : QObject(parent), m_jobs(jobs) {}

void ComparisonExport::copyMarkdown(const ComparisonReport& report) {
    QGuiApplication::clipboard()->setText(QString::fromStdString(reportMarkdown(report)));
}

void ComparisonExport::write(const QString& path, std::function<Result<std::string>()> makeBytes) {
    startForWindow(
        m_jobs, this, shortDiskJob("export a comparison"),
        [path = path.toStdString(), makeBytes = std::move(makeBytes)](JobContext&) -> Result<bool> {
            SOTTO_ASSIGN(const std::string bytes, makeBytes());
            SOTTO_TRY(writeTextFile(path, bytes));
            return true;
        },
        [this](const Result<bool>& outcome) {
            if (outcome)
                emit written();
            else
                emit failed(outcome.error());
        });
}

void ComparisonExport::saveTo(const QString& path, const ComparisonReport& report) {
    const bool isJson = path.endsWith(QLatin1String(".json"), Qt::CaseInsensitive);
    write(path, [report, isJson]() -> Result<std::string> {
        return isJson ? reportJson(report) : reportMarkdown(report);
    });
}

void ComparisonExport::tellNoPicture() { emit failed(noPicture()); }

void ComparisonExport::savePicture(const QString& path, const QImage& picture) {
    if (picture.isNull()) return tellNoPicture();
    write(path, [picture]() -> Result<std::string> {
        QByteArray bytes;
        QBuffer buffer(&bytes);
        buffer.open(QIODevice::WriteOnly);
        if (!picture.save(&buffer, "PNG")) return fail(noPicture());
        return bytes.toStdString();
    });
}

}  // namespace sotto::app
