#include "app/compare/compare_column_model.h"

#include "app/bridge/error_text.h"
#include "app/compare/compare_texts.h"
#include "app/system/number_format.h"

namespace sotto::app {
namespace {

int unitsOf(const std::string& text, std::size_t bytes) {
    return static_cast<int>(QString::fromUtf8(text.data(), static_cast<qsizetype>(bytes)).size());
}

QVariantMap partOf(const std::string& text, TextSpan span) {
    const int begin = unitsOf(text, span.begin);
    return {{QStringLiteral("begin"), begin},
            {QStringLiteral("length"), unitsOf(text, span.end) - begin}};
}

}  // namespace

CompareColumnModel::CompareColumnModel(QObject* parent)
    : QAbstractListModel(parent), m_format(std::make_unique<NumberFormat>()) {
    m_format->followLanguage();
    connect(&m_language, &LanguageWatch::changed, this, [this] {
        m_format->followLanguage();
        if (!m_columns.empty()) emit dataChanged(index(0), index(rowCount() - 1));
    });
}

CompareColumnModel::~CompareColumnModel() = default;

void CompareColumnModel::show(std::vector<ReportColumn> columns, bool isBegun) {
    beginResetModel();
    m_columns = std::move(columns);
    m_isBegun = isBegun;
    compareAll();
    endResetModel();
    emit countChanged();
}

void CompareColumnModel::update(const std::vector<ComparedColumn>& results) {
    if (results.size() != m_columns.size() || results.empty()) return;
    for (std::size_t column = 0; column < results.size(); ++column) {
        m_columns[column].result = results[column];
        if (results[column].info) takeModel(m_columns[column], *results[column].info);
    }
    compareAll();
    emit dataChanged(index(0), index(rowCount() - 1));
}

void CompareColumnModel::compareAll() {
    m_differences.assign(m_columns.size(), {});
    for (std::size_t column = 1; column < m_columns.size(); ++column)
        m_differences[column] = differenceOf(m_columns.front().result, m_columns[column].result);
}

int CompareColumnModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

CompareColumnModel::State CompareColumnModel::stateOf(const ReportColumn& column) const {
    if (!m_isBegun) return Idle;
    switch (column.result.state) {
        case ColumnState::Waiting: return Waiting;
        case ColumnState::Loading: return Loading;
        case ColumnState::Reading: return Reading;
        case ColumnState::Writing: return Writing;
        case ColumnState::Done: return Done;
        case ColumnState::Stopped: return Stopped;
        case ColumnState::Failed: return Failed;
    }
    return Idle;
}

QString CompareColumnModel::foot(std::size_t row) const {
    const ReportColumn& column = m_columns[row];
    const ReportColumn& reference = m_columns.front();
    if (!m_isBegun || column.result.state == ColumnState::Failed) return {};
    if (row == 0) return tr("the other columns are compared with this one");
    if (column.result.state == ColumnState::Waiting) return tr("waits for its turn");
    const QString name = columnName(reference, column);
    const AnswerDifference& difference = m_differences[row];
    if (reference.result.answer.tokens.empty()) return {};
    return difference.isThere ? differenceText(difference, name, *m_format)
                              : samenessText(column, name);
}

QString CompareColumnModel::detail(const ReportColumn& column) const {
    QStringList parts;
    const RequestStats& stats = column.result.stats;
    if (column.bitsPerWeight > 0)
        parts.append(tr("%1 bits/weight").arg(m_format->fixed(column.bitsPerWeight, 2)));
    if (stats.ttftMs > 0) parts.append(tr("TTFT %1").arg(m_format->latency(stats.ttftMs)));
    if (column.result.joulesPerToken > 0)
        parts.append(tr("%1 J per token").arg(m_format->fixed(column.result.joulesPerToken, 2)));
    return parts.join(QStringLiteral(" · "));
}

QVariant CompareColumnModel::figure(const ReportColumn& column, int role) const {
    const ComparedColumn& result = column.result;
    switch (role) {
        case SpeedRole: return result.stats.tokensPerSecond;
        case SpeedLimitRole: return speedLimit(result);
        case MbuRole: return result.stats.mbu;
        case BandwidthRole: return readSpeedGbS(result);
        case MemoryBytesRole: return static_cast<double>(column.memoryBytes);
        case IsOnCardRole: return column.isOnCard;
        case TtftRole: return result.stats.ttftMs;
        case TokenCountRole: return static_cast<int>(result.answer.tokens.size());
        case ProgressRole: return result.progress;
        case DetailRole: return detail(column);
        default: return {};
    }
}

QVariant CompareColumnModel::difference(std::size_t row, int role) const {
    const std::string& text = m_columns[row].result.answer.text;
    const AnswerDifference& difference = m_differences[row];
    switch (role) {
        case CommonLengthRole: return row == 0 ? 0 : unitsOf(text, difference.commonBytes);
        case MarkRole:
            if (!difference.isThere || difference.mark.begin == difference.mark.end)
                return QVariantMap();
            return partOf(text, difference.mark);
        case ChangesRole: {
            QVariantList parts;
            for (const TextSpan word : difference.changed) parts.append(partOf(text, word));
            return parts;
        }
        case HasDifferenceRole: return difference.isThere;
        default: return {};
    }
}

QVariant CompareColumnModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const auto row = static_cast<std::size_t>(index.row());
    const ReportColumn& column = m_columns[row];
    switch (role) {
        case Qt::DisplayRole:
        case NameRole: return QString::fromStdString(column.name);
        case QuantizationRole: return QString::fromStdString(column.quantization);
        case PathRole: return QString::fromStdString(column.path);
        case FileBytesRole: return static_cast<double>(column.fileBytes);
        case IsReferenceRole: return row == 0;
        case StateRole: return stateOf(column);
        case AnswerRole: return QString::fromStdString(column.result.answer.text);
        case FootRole: return foot(row);
        case ProblemRole: return column.result.error ? errorText(*column.result.error) : QString();
        case CommonLengthRole:
        case MarkRole:
        case ChangesRole:
        case HasDifferenceRole: return difference(row, role);
        default: return figure(column, role);
    }
}

QHash<int, QByteArray> CompareColumnModel::roleNames() const {
    return {{NameRole, "name"},
            {QuantizationRole, "quantization"},
            {PathRole, "path"},
            {FileBytesRole, "fileBytes"},
            {IsReferenceRole, "isReference"},
            {StateRole, "columnState"},
            {ProgressRole, "progress"},
            {SpeedRole, "speed"},
            {SpeedLimitRole, "speedLimit"},
            {MbuRole, "mbu"},
            {BandwidthRole, "bandwidth"},
            {MemoryBytesRole, "memoryBytes"},
            {IsOnCardRole, "isOnCard"},
            {TtftRole, "ttft"},
            {DetailRole, "detail"},
            {TokenCountRole, "tokenCount"},
            {AnswerRole, "answer"},
            {CommonLengthRole, "commonLength"},
            {MarkRole, "mark"},
            {ChangesRole, "changes"},
            {HasDifferenceRole, "hasDifference"},
            {FootRole, "foot"},
            {ProblemRole, "problem"}};
}

}  // namespace sotto::app
