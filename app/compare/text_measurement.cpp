#include "app/compare/text_measurement.h"

#include <algorithm>
#include <chrono>

#include "app/bridge/error_text.h"
#include "app/compare/compare_controller.h"
#include "app/compare/compare_texts.h"
#include "app/models/model_controller.h"
#include "app/system/number_format.h"
#include "base/text_file.h"

namespace sotto::app {
namespace {

constexpr std::int64_t kChunkTokens = 512;  // as the field's tables have it
// 65,536 tokens take a card about a minute; a processor reads a hundredth of that in a second.
constexpr std::int64_t kChunksOnCard = 128, kChunksOnProcessor = 8;

using Seconds = std::chrono::duration<double>;

}  // namespace

TextMeasurement::TextMeasurement(Parts parts, QObject* parent)
    : QAbstractListModel(parent),
      m_parts(std::move(parts)),
      m_format(std::make_unique<NumberFormat>()),
      m_job(m_parts.reading) {
    m_format->followLanguage();
    connect(&m_job, &ReadingJob::progressed, this, &TextMeasurement::progressed);
    connect(&m_language, &LanguageWatch::changed, this, [this] {
        m_format->followLanguage();
        follow();
    });
    CompareColumnModel* columns = m_parts.reading.compare.columns();
    connect(columns, &CompareColumnModel::modelReset, this, &TextMeasurement::follow);
    connect(columns, &CompareColumnModel::dataChanged, this, [this] {
        if (rowCount() > 0) emit dataChanged(index(0), index(rowCount() - 1));
    });
    // Which columns there are, and that a run has ended; what they tell meanwhile is the rows'.
    connect(&m_parts.reading.compare, &CompareController::changed, this, &TextMeasurement::changed);
}

TextMeasurement::~TextMeasurement() = default;

void TextMeasurement::follow() {
    beginResetModel();
    endResetModel();
    emit changed();
}

bool TextMeasurement::canMeasure() const {
    return m_job.canStart() && !m_parts.textPath.empty() && rowCount() >= 2;
}

// --- the job ------------------------------------------------------------------------------------

void TextMeasurement::measure() {
    if (!canMeasure()) return;
    std::vector<LoadOptions> loads;
    std::vector<std::string> paths;
    for (const ReportColumn& column : m_parts.reading.compare.columns()->columns()) {
        if (std::ranges::find(paths, column.path) != paths.end()) continue;
        LoadOptions load = m_parts.reading.models.loadOptions(QString::fromStdString(column.path));
        load.contextTokens = kChunkTokens;
        loads.push_back(load);
        paths.push_back(column.path);
    }
    if (loads.size() < 2) return;
    TextComparisonOptions options;
    options.contextTokens = kChunkTokens;
    options.maxChunks = m_parts.reading.models.isOnCard() ? kChunksOnCard : kChunksOnProcessor;
    std::vector<std::string> formats;
    for (const ReportColumn& column : m_parts.reading.compare.columns()->columns())
        formats.push_back(column.quantization);
    m_problem.reset();
    m_job.start(
        std::move(formats),
        [engine = m_job.engine(), loads = std::move(loads), options,
         file = m_parts.textPath](JobContext& context) -> Result<Measured> {
            const auto begin = std::chrono::steady_clock::now();
            const auto text = readTextFile(file);
            if (!text)
                return fail(ErrorCode::FileNotFound,
                            "The text that models are compared on cannot be read. Install Sotto "
                            "again.",
                            file);
            auto rows = compareOnText(
                engine, loads, *text, options, [&context](const TextComparisonProgress& progress) {
                    context.setProgress({static_cast<std::uint64_t>(progress.doneTokens),
                                         static_cast<std::uint64_t>(progress.totalTokens),
                                         JobUnit::None});
                    return !context.isCancelled();
                });
            if (!rows) return fail(std::move(rows.error()));
            const Seconds seconds = std::chrono::steady_clock::now() - begin;
            return Measured{std::move(*rows), seconds.count()};
        },
        [this, paths = std::move(paths)](const Result<Measured>& measured) {
            take(paths, measured);
        });
    emit changed();
}

void TextMeasurement::take(const std::vector<std::string>& paths,
                           const Result<Measured>& measured) {
    if (measured) {
        m_results.clear();
        m_referencePath = paths.front();
        for (std::size_t row = 0; row < std::min(paths.size(), measured->rows.size()); ++row)
            m_results.emplace(paths[row], measured->rows[row]);
        m_seconds = measured->seconds;
    } else if (measured.error().code != ErrorCode::Cancelled) {
        m_problem = measured.error();
    }
    follow();
}

// --- what is told -------------------------------------------------------------------------------

bool TextMeasurement::hasResult() const {
    const auto& columns = m_parts.reading.compare.columns()->columns();
    return !columns.empty() && columns.front().path == m_referencePath && !m_results.empty();
}

const TextComparisonRow* TextMeasurement::resultOf(const ReportColumn& column) const {
    const auto found = m_results.find(column.path);
    return hasResult() && found != m_results.end() ? &found->second : nullptr;
}

QString TextMeasurement::progressText() const { return m_job.progressText(*m_format); }

QString TextMeasurement::problem() const { return m_problem ? errorText(*m_problem) : QString(); }

QString TextMeasurement::subject() const {
    if (!hasResult()) return {};
    const double nTokens = static_cast<double>(m_results.begin()->second.readTokens);
    return tr("built-in text, %1 tokens, %2")
        .arg(m_format->count(nTokens), m_format->duration(m_seconds));
}

QString TextMeasurement::reference() const {
    const auto& columns = m_parts.reading.compare.columns()->columns();
    return columns.size() < 2 ? QString() : columnName(columns.front(), columns[1]);
}

QString TextMeasurement::plainText(const ReportColumn& column) const {
    const TextComparisonRow* row = resultOf(column);
    const ReportColumn& reference = m_parts.reading.compare.columns()->columns().front();
    if (row == nullptr || !row->hasKl) return {};
    QStringList parts{
        tr("%1 same next word").arg(m_format->fixed(row->top1Agreement * 100, 1) + tr(" %"))};
    const double own = column.result.stats.tokensPerSecond;
    const double others = reference.result.stats.tokensPerSecond;
    if (own > 0 && others > 0 && own >= others)
        parts.append(tr("%1 × faster").arg(m_format->fixed(own / others, 1)));
    else if (own > 0 && others > 0)
        parts.append(tr("%1 × slower").arg(m_format->fixed(others / own, 1)));
    const bool hasMemory = column.memoryBytes > 0 && reference.memoryBytes > 0;
    const double less =
        hasMemory
            ? static_cast<double>(reference.memoryBytes) - static_cast<double>(column.memoryBytes)
            : static_cast<double>(reference.fileBytes) - static_cast<double>(column.fileBytes);
    if (less > 0) parts.append(tr("%1 less").arg(m_format->memory(less)));
    return parts.join(tr(", "));
}

QString TextMeasurement::summary() const {
    QStringList lines;
    for (const ReportColumn& column : m_parts.reading.compare.columns()->columns())
        if (const QString text = plainText(column); !text.isEmpty())
            lines.append(QString::fromStdString(column.quantization) + QStringLiteral(": ") + text);
    return lines.join(QLatin1Char('\n'));
}

QVariantList TextMeasurement::points() const {
    QVariantList points;
    for (const ReportColumn& column : m_parts.reading.compare.columns()->columns()) {
        const TextComparisonRow* row = resultOf(column);
        if (row == nullptr) continue;
        points.append(
            QVariantMap{{QStringLiteral("label"), QString::fromStdString(column.quantization)},
                        {QStringLiteral("gigabytes"), static_cast<double>(column.fileBytes) / 1e9},
                        {QStringLiteral("loss"), row->hasKl ? std::max(row->klMean, 1e-6) : 0.0}});
    }
    return points;
}

int TextMeasurement::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0
                            : static_cast<int>(m_parts.reading.compare.columns()->columns().size());
}

QVariant TextMeasurement::loss(const ReportColumn& column, int role) const {
    const QString unknown = QStringLiteral("–");
    const TextComparisonRow* row = resultOf(column);
    if (row == nullptr) return unknown;
    switch (role) {
        case AgreementRole:
            return row->hasKl ? m_format->fixed(row->top1Agreement * 100, 1) + tr(" %")
                              : tr("reference");
        case KlMeanRole: return row->hasKl ? m_format->divergence(row->klMean) : tr("0");
        case KlP99Role: return row->hasKl ? m_format->divergence(row->klP99) : tr("0");
        case PerplexityRole: return m_format->fixed(row->perplexity, 2);
        default: return unknown;
    }
}

QVariant TextMeasurement::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const auto& columns = m_parts.reading.compare.columns()->columns();
    const ReportColumn& column = columns[static_cast<std::size_t>(index.row())];
    switch (role) {
        case Qt::DisplayRole:
        case LabelRole: return columnName(column, columns[index.row() == 0 ? 1 : 0]);
        case FileBytesRole: return static_cast<double>(column.fileBytes);
        case SpeedRole: return column.result.stats.tokensPerSecond;
        case MbuRole: return column.result.stats.mbu;
        case MemoryBytesRole: return static_cast<double>(column.memoryBytes);
        case IsMeasuredRole: return resultOf(column) != nullptr;
        case PlainTextRole: return plainText(column);
        case AgreementRole:
        case KlMeanRole:
        case KlP99Role:
        case PerplexityRole: return loss(column, role);
        default: return {};
    }
}

QHash<int, QByteArray> TextMeasurement::roleNames() const {
    return {{LabelRole, "label"},
            {FileBytesRole, "fileBytes"},
            {AgreementRole, "agreement"},
            {KlMeanRole, "klMean"},
            {KlP99Role, "klP99"},
            {PerplexityRole, "perplexity"},
            {SpeedRole, "speed"},
            {MbuRole, "mbu"},
            {MemoryBytesRole, "memoryBytes"},
            {IsMeasuredRole, "isMeasured"},
            {PlainTextRole, "plainText"}};
}

}  // namespace sotto::app
