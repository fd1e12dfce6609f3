// What is kept of a run of the Compare page: shown again, added to, and exported.
#include <QBuffer>
#include <QClipboard>
#include <QGuiApplication>
#include <algorithm>

#include "app/bridge/local_path.h"
#include "app/compare/compare_controller.h"
#include "app/compare/compare_picture.h"
#include "app/jobs/window_job.h"
#include "base/text_file.h"

namespace sotto::app {

ComparisonReport CompareController::report() const {
    ComparisonReport report = m_shown;
    report.columns = m_columns.columns();
    report.text.reset();
    const TextLoss* const losses = loss();
    if (losses == nullptr) return report;
    report.text = losses->text;
    for (ReportColumn& column : report.columns)
        if (const auto found = losses->rows.find(column.path); found != losses->rows.end())
            column.loss = found->second;
    return report;
}

const CompareController::TextLoss* CompareController::loss() const {
    const std::vector<ReportColumn>& columns = m_columns.columns();
    const bool isOfThese = m_loss && !columns.empty() && !m_loss->rows.empty() &&
                           columns.front().path == m_loss->referencePath;
    return isOfThese ? &*m_loss : nullptr;
}

void CompareController::takeLoss(TextLoss loss) {
    m_loss = std::move(loss);
    emit changed();
    if (m_isBegun && !isRunning()) emit grown();
}

void CompareController::showReport(const ComparisonReport& report) {
    if (isRunning()) return;
    m_shown = report;
    m_prompt = m_askedPrompt = QString::fromStdString(report.prompt);
    m_isGreedy = report.isGreedy;
    m_maxTokens = static_cast<int>(std::clamp<std::int64_t>(report.maxTokens, 1, 8192));
    m_seed = static_cast<int>(std::min<std::uint64_t>(report.seed, INT_MAX));
    ++m_shownRun;
    m_isBegun = m_isKept = m_isChosen = true;
    m_isPrivate = false;
    m_problem.reset();
    // A kept run has its own figures: the files may be others by now.
    m_loss.reset();
    if (report.text) m_loss = TextLoss{*report.text, report.columns.front().path, {}};
    for (const ReportColumn& column : report.columns)
        if (m_loss && column.loss) m_loss->rows.emplace(column.path, *column.loss);
    m_columns.show(report.columns, true);
    emit choicesChanged();
    emit changed();
}

void CompareController::takeForced(int column, const ForcedReading& reading) {
    m_columns.takeForced(column, reading);
    m_columns.markForced(column);
    emit grown();
}

void CompareController::copyMarkdown() {
    QGuiApplication::clipboard()->setText(QString::fromStdString(reportMarkdown(report())));
}

// `bytes` makes the file's in a job.
void CompareController::write(const QString& path, std::function<std::string()> bytes) {
    startForWindow(
        m_parts.jobs, this, shortDiskJob("export a comparison"),
        [path = path.toStdString(), bytes = std::move(bytes)](JobContext&) -> Result<bool> {
            SOTTO_TRY(writeTextFile(path, bytes()));
            return true;
        },
        [this](const Result<bool>& written) {
            if (written) {
                emit exported();
                return;
            }
            m_problem = written.error();
            emit changed();
        });
}

void CompareController::saveTo(const QUrl& file) {
    const QString path = localPath(file);
    const bool isJson = path.endsWith(QLatin1String(".json"), Qt::CaseInsensitive);
    write(path, [report = report(), isJson] {
        return isJson ? reportJson(report) : reportMarkdown(report);
    });
}

void CompareController::savePicture(const QImage& result, const QColor& paper, const QColor& ink,
                                    const QFont& font, const QUrl& file) {
    if (result.isNull()) return;
    write(localPath(file),
          [picture = comparisonPicture(result, m_askedPrompt, {paper, ink, font})] {
              QByteArray bytes;
              QBuffer buffer(&bytes);
              buffer.open(QIODevice::WriteOnly);
              picture.save(&buffer, "PNG");
              return bytes.toStdString();
          });
}

}  // namespace sotto::app
