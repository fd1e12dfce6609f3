#include "app/compare/comparison_export.h"

#include <QBuffer>
#include <QClipboard>
#include <QGuiApplication>
#include <utility>

#include "app/jobs/window_job.h"
#include "base/text_file.h"

namespace sotto::app {

ComparisonExport::ComparisonExport(JobRunner& jobs, QObject* parent)
    : QObject(parent), m_jobs(jobs) {}

void ComparisonExport::copyMarkdown(const ComparisonReport& report) {
    QGuiApplication::clipboard()->setText(QString::fromStdString(reportMarkdown(report)));
}

void ComparisonExport::write(const QString& path, std::function<std::string()> makeBytes) {
    startForWindow(
        m_jobs, this, shortDiskJob("export a comparison"),
        [path = path.toStdString(), makeBytes = std::move(makeBytes)](JobContext&) -> Result<bool> {
            SOTTO_TRY(writeTextFile(path, makeBytes()));
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
    write(path, [report, isJson] { return isJson ? reportJson(report) : reportMarkdown(report); });
}

void ComparisonExport::savePicture(const QString& path, const QImage& picture) {
    write(path, [picture] {
        QByteArray bytes;
        QBuffer buffer(&bytes);
        buffer.open(QIODevice::WriteOnly);
        picture.save(&buffer, "PNG");
        return bytes.toStdString();
    });
}

}  // namespace sotto::app
