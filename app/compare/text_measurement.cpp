#include "app/compare/text_measurement.h"

#include <QFileInfo>
#include <algorithm>
#include <chrono>
#include <filesystem>

#include "app/bridge/local_path.h"
#include "app/compare/compare_texts.h"
#include "app/models/model_controller.h"
#include "app/system/number_format.h"

namespace sotto::app {
namespace {

constexpr std::int64_t kChunkTokens = 512;       // as the field's tables have it
constexpr std::uint64_t kLeastChunkTokens = 64;  // of a text that has no 512: 31 tokens are scored
// 65,536 tokens on a card, 4,096 on a processor, which reads so much slower.
constexpr std::int64_t kChunksOnCard = 128, kChunksOnProcessor = 8;

// In error_text.cpp, too, for its translation.
constexpr auto kFileIsAnother =
    "A model file is another one than when these answers were written. Compare again, then "
    "measure.";

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
        emit sourceChanged();
        emit progressed();
    });
    connect(&m_job, &ReadingJob::ended, this, &TextMeasurement::follow);
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

// Two files at least: of one there is nothing to compare.
bool TextMeasurement::canMeasure() const {
    const auto& columns = m_parts.reading.compare.columns()->columns();
    const bool areTwo = std::ranges::any_of(columns, [&columns](const ReportColumn& column) {
        return column.path != columns.front().path;
    });
    const bool hasText = m_source == LossSource::BuiltIn ? !m_parts.textPath.empty()
                         : m_source == LossSource::Chat  ? hasChat()
                                                         : !m_filePath.empty();
    return m_job.canStart() && areTwo && hasText;
}

// --- the text -----------------------------------------------------------------------------------

void TextMeasurement::choose(LossSource source) {
    m_source = source;
    m_job.dropProblem();
    emit sourceChanged();
    emit changed();
}

void TextMeasurement::chooseFile(const QUrl& file) {
    m_filePath = localPath(file).toStdString();
    choose(LossSource::File);
}

void TextMeasurement::followChat() {
    if (m_source == LossSource::Chat && !hasChat()) return choose(LossSource::BuiltIn);
    emit sourceChanged();
    emit changed();
}

MeasuredText TextMeasurement::wantedText() const {
    if (m_source == LossSource::Chat) return m_parts.openChat();
    MeasuredText wanted;
    wanted.source = m_source;
    wanted.path = m_source == LossSource::File ? m_filePath : m_parts.textPath;
    return wanted;
}

QString TextMeasurement::sourceText() const {
    constexpr qsizetype kMostLetters = 24;  // of a button
    if (m_source == LossSource::BuiltIn) return tr("Built-in text");
    if (m_source == LossSource::Chat) return tr("The open chat");
    const QString name = QFileInfo(QString::fromStdString(m_filePath)).fileName();
    if (name.size() <= kMostLetters) return name;
    return name.left(kMostLetters / 2) + QChar(0x2026) + name.right(kMostLetters / 2 - 1);
}

// --- the job ------------------------------------------------------------------------------------

struct TextMeasurement::Order {
    EngineOptions engine;
    std::vector<LoadOptions> loads;
    std::vector<std::uint64_t> fileBytes;  // of each
    TextComparisonOptions options;
    MeasuredText text;
};

void TextMeasurement::measure() {
    if (!canMeasure()) return;
    Order order;
    std::vector<std::string> formats;
    for (const ReportColumn& column : m_parts.reading.compare.columns()->columns()) {
        const auto isSame = [&column](const LoadOptions& load) { return load.path == column.path; };
        if (std::ranges::any_of(order.loads, isSame)) continue;
        // What is measured of another file than the shown run's would stand as that one's.
        const ModelEntry* entry =
            m_parts.reading.models.list()->find(QString::fromStdString(column.path));
        if (entry != nullptr && static_cast<std::uint64_t>(entry->fileBytes) != column.fileBytes) {
            m_job.refuse({ErrorCode::InvalidArgument, kFileIsAnother});
            return emit changed();
        }
        order.loads.push_back(
            m_parts.reading.models.loadOptions(QString::fromStdString(column.path)));
        order.loads.back().contextTokens = kChunkTokens;
        order.fileBytes.push_back(column.fileBytes);
        formats.push_back(column.quantization);
    }
    order.engine = m_job.engine();
    order.options.contextTokens = kChunkTokens;
    order.options.maxChunks =
        m_parts.reading.models.isOnCard() ? kChunksOnCard : kChunksOnProcessor;
    order.text = wantedText();
    m_job.start(
        std::move(formats), [order](JobContext& context) { return measureInJob(order, context); },
        [this, order](const Measured& measured) { take(order, measured); });
    emit changed();
}

Result<TextMeasurement::Measured> TextMeasurement::measureInJob(const Order& order,
                                                                JobContext& context) {
    const auto begin = std::chrono::steady_clock::now();
    SOTTO_ASSIGN(const std::string text, readMeasuredText(order.text));
    std::vector<LoadOptions> loads = order.loads;
    TextComparisonOptions options = order.options;
    const auto read = [&] {
        return compareOnText(
            order.engine, loads, text, options, [&context](const TextComparisonProgress& progress) {
                context.setProgress({static_cast<std::uint64_t>(progress.doneTokens),
                                     static_cast<std::uint64_t>(progress.totalTokens),
                                     JobUnit::None});
                return !context.isCancelled();
            });
    };
    auto rows = read();
    // A short chat is one chunk of its own.
    const bool isShort = !rows && rows.error().code == ErrorCode::InvalidArgument &&
                         rows.error().context.empty() &&
                         rows.error().available >= kLeastChunkTokens;
    if (isShort && order.text.source != LossSource::BuiltIn) {
        options.contextTokens = static_cast<std::int64_t>(rows.error().available);
        for (LoadOptions& load : loads) load.contextTokens = options.contextTokens;
        rows = read();
    }
    if (!rows) return fail(std::move(rows.error()));
    const Seconds seconds = std::chrono::steady_clock::now() - begin;
    return Measured{std::move(*rows), options.contextTokens, seconds.count()};
}

void TextMeasurement::take(const Order& order, const Measured& measured) {
    CompareController::TextLoss loss;
    loss.text.source = order.text.source;
    if (order.text.source == LossSource::File)
        loss.text.name = std::filesystem::path(order.text.path).filename().string();
    loss.text.isPrivate = order.text.isPrivate;
    loss.text.chunkTokens = measured.chunkTokens;
    loss.text.tokens = measured.rows.front().readTokens;
    loss.text.seconds = measured.seconds;
    loss.referencePath = order.loads.front().path.string();
    for (std::size_t row = 0; row < std::min(order.loads.size(), measured.rows.size()); ++row)
        loss.rows.emplace(order.loads[row].path.string(),
                          CompareController::FileLoss{order.fileBytes[row], measured.rows[row]});
    m_parts.reading.compare.takeLoss(std::move(loss));
}

// --- what is told -------------------------------------------------------------------------------

const TextComparisonRow* TextMeasurement::resultOf(const ReportColumn& column) const {
    const CompareController::TextLoss* const loss = m_parts.reading.compare.loss();
    return loss != nullptr ? loss->of(column) : nullptr;
}

QString TextMeasurement::progressText() const { return m_job.progressText(*m_format); }

QString TextMeasurement::problem() const { return m_job.problem(); }

QString TextMeasurement::subject() const {
    const CompareController::TextLoss* const loss = m_parts.reading.compare.loss();
    if (loss == nullptr) return {};
    const LossText& text = loss->text;
    const QString nTokens = m_format->count(static_cast<double>(text.tokens));
    const QString time = m_format->duration(text.seconds);
    if (text.source == LossSource::BuiltIn)
        return tr("built-in text, %1 tokens, %2").arg(nTokens, time);
    if (text.source == LossSource::Chat) return tr("a chat, %1 tokens, %2").arg(nTokens, time);
    return tr("%1, %2 tokens, %3").arg(QString::fromStdString(text.name), nTokens, time);
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
