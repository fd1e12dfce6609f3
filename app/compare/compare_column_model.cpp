#include "app/compare/compare_column_model.h"

#include <QStringDecoder>
#include <array>
#include <string_view>
#include <utility>

#include "app/bridge/error_text.h"
#include "app/compare/compare_texts.h"
#include "app/system/number_format.h"

namespace sotto::app {
namespace {

// How many UTF-16 units there are before places of a UTF-8 text. They are asked for in ascending
// order, so that the text is read once, however many there are.
class UnitCounter {
public:
    explicit UnitCounter(std::string_view text) : m_text(text) {}

    int before(std::size_t byte) {
        if (byte <= m_byte) return m_nUnits;
        const std::string_view next = m_text.substr(m_byte, byte - m_byte);
        const QString units =
            m_decoder(QByteArrayView(next.data(), static_cast<qsizetype>(next.size())));
        m_nUnits += static_cast<int>(units.size());
        m_byte = byte;
        return m_nUnits;
    }

private:
    std::string_view m_text;
    QStringDecoder m_decoder{QStringDecoder::Utf8};  // keeps what it needs between two parts
    std::size_t m_byte = 0;
    int m_nUnits = 0;
};

QVariantMap partOf(UnitCounter& units, TextSpan span) {
    const int begin = units.before(span.begin);
    return {{QStringLiteral("begin"), begin},
            {QStringLiteral("length"), units.before(span.end) - begin}};
}

// False: it is as it was. One that waits, or is over, changes in nothing but its state.
bool take(ReportColumn& column, const ComparedColumn& result) {
    const bool isAtRest = result.state == ColumnState::Waiting || isOver(result.state);
    if (isAtRest && result.state == column.result.state) return false;
    column.result = result;
    if (result.info) takeModel(column, *result.info);
    return true;
}

}  // namespace

// An answer against the reference, as far as both were written when it was last looked at.
struct CompareColumnModel::Comparison {
    // How far an answer is written. Text may come later than its token.
    struct Extent {
        std::size_t nTokens = 0;
        std::size_t nBytes = 0;
        bool isOver = false;
        bool operator==(const Extent&) const = default;
    };
    static Extent extentOf(const WrittenAnswer& answer) {
        return {answer.tokens.size(), answer.text.size(), answer.isOver};
    }
    // False: neither has grown since, so all is as it was.
    bool follow(const ComparedColumn& reference, const ComparedColumn& compared);
    void place(const std::string& text);

    std::array<Extent, 2> extents;  // of the reference and of the answer
    AnswerDifference difference;
    // Where it stands in the answer, in UTF-16 units.
    int commonLength = 0;
    QVariantMap mark;
    QVariantList changes;
};

bool CompareColumnModel::Comparison::follow(const ComparedColumn& reference,
                                            const ComparedColumn& compared) {
    const std::array now{extentOf(reference.answer), extentOf(compared.answer)};
    if (now == extents) return false;
    extents = now;
    difference = differenceOf(reference, compared);
    place(compared.answer.text);
    return true;
}

// What is common ends where the mark begins or before it, and the words stand behind that.
void CompareColumnModel::Comparison::place(const std::string& text) {
    UnitCounter units(text);
    commonLength = units.before(difference.commonBytes);
    const bool isMarked = difference.isThere && difference.mark.begin != difference.mark.end;
    mark = isMarked ? partOf(units, difference.mark) : QVariantMap();
    changes.clear();
    for (const TextSpan word : difference.changed) changes.append(partOf(units, word));
}

CompareColumnModel::CompareColumnModel(QObject* parent)
    : QAbstractListModel(parent), m_format(std::make_unique<NumberFormat>()) {
    m_format->followLanguage();
    connect(&m_language, &LanguageWatch::changed, this, [this] {
        m_format->followLanguage();
        placeForced();
        tellAll();
    });
}

CompareColumnModel::~CompareColumnModel() = default;

// Where as many columns stay their delegates do, and the keyboard focus in them.
void CompareColumnModel::show(std::vector<ReportColumn> columns, bool isBegun) {
    const bool isInPlace = columns.size() == m_columns.size();
    if (!isInPlace) beginResetModel();
    m_columns = std::move(columns);
    m_isBegun = isBegun;
    m_comparisons.assign(m_columns.size(), {});
    m_markedColumn = -1;
    placeForced();
    for (std::size_t row = 0; row < m_columns.size(); ++row) compare(row);
    if (isInPlace) return tellAll();
    endResetModel();
    emit countChanged();
}

void CompareColumnModel::update(const std::vector<ComparedColumn>& results) {
    if (results.size() != m_columns.size()) return;
    for (std::size_t row = 0; row < results.size(); ++row) {
        const bool isTaken = take(m_columns[row], results[row]);
        const bool isCompared = compare(row);
        const QModelIndex changed = index(static_cast<int>(row));
        if (isTaken || isCompared) emit dataChanged(changed, changed);
    }
}

void CompareColumnModel::takeForced(int column, const ForcedReading& reading) {
    if (column < 1 || column >= rowCount()) return;
    m_columns[static_cast<std::size_t>(column)].forced = reading;
    markForced(column);
}

void CompareColumnModel::markForced(int column) {
    const bool isThere = column >= 1 && column < rowCount() &&
                         m_columns[static_cast<std::size_t>(column)].forced.has_value();
    m_markedColumn = isThere ? column : -1;
    placeForced();
    tellAll();
}

// A token that is half a character stands with its other half, so two places may be one.
void CompareColumnModel::placeForced() {
    m_otherWays.clear();
    if (m_markedColumn < 0) return;
    const ReportColumn& column = m_columns[static_cast<std::size_t>(m_markedColumn)];
    const ReportColumn& reference = m_columns.front();
    const WrittenAnswer& answer = reference.result.answer;
    UnitCounter units(answer.text);
    std::size_t behind = 0;
    for (const OtherChoice& other : column.forced->others) {
        const TextSpan span = shownSpan(answer, other.index);
        if (span.begin == span.end || span.begin < behind) continue;
        behind = span.end;
        QVariantMap place = partOf(units, span);
        place.insert(QStringLiteral("text"),
                     otherWayText(other, answer, columnName(column, reference),
                                  columnName(reference, column), *m_format));
        m_otherWays.append(place);
    }
}

// False: nothing has come of it. Of an answer that has not begun nothing can.
bool CompareColumnModel::compare(std::size_t row) {
    const ComparedColumn& compared = m_columns[row].result;
    const bool isBegun = !compared.answer.tokens.empty() || compared.answer.isOver;
    if (row == 0 || !isBegun) return false;
    return m_comparisons[row].follow(m_columns.front().result, compared);
}

void CompareColumnModel::tellAll() {
    if (!m_columns.empty()) emit dataChanged(index(0), index(rowCount() - 1));
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
    if (row == 0 && m_markedColumn >= 0)
        return tr("marked: where %1 would have gone another way")
            .arg(columnName(m_columns[static_cast<std::size_t>(m_markedColumn)], column));
    if (row == 0) return tr("the other columns are compared with this one");
    if (column.result.state == ColumnState::Waiting) return tr("waits for its turn");
    const QString name = columnName(reference, column);
    const AnswerDifference& difference = m_comparisons[row].difference;
    if (reference.result.answer.tokens.empty()) return {};
    return difference.isThere ? differenceText(difference, name, *m_format)
                              : samenessText(column, reference, name);
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
    const Comparison& comparison = m_comparisons[row];
    switch (role) {
        case CommonLengthRole: return comparison.commonLength;
        case MarkRole: return comparison.mark;
        case ChangesRole: return comparison.changes;
        case HasDifferenceRole: return comparison.difference.isThere;
        default: return {};
    }
}

QVariant CompareColumnModel::forced(std::size_t row, int role) const {
    if (role == OtherWaysRole) return row == 0 ? m_otherWays : QVariantList();
    if (role == IsMarkedRole) return static_cast<int>(row) == m_markedColumn;
    const ReportColumn& column = m_columns[row];
    if (role == ForcedCountRole)
        return column.forced ? static_cast<int>(column.forced->others.size()) : -1;
    if (!column.forced) return QString();
    const QString name = columnName(m_columns.front(), column);
    if (column.forced->others.empty()) return tr("would have written the same as %1").arg(name);
    return tr("otherwise at %1 of %2 tokens of %3")
        .arg(m_format->count(static_cast<double>(column.forced->others.size())),
             m_format->count(static_cast<double>(column.forced->nTokens)), name);
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
        case ForcedTextRole:
        case ForcedCountRole:
        case IsMarkedRole:
        case OtherWaysRole: return forced(row, role);
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
            {ProblemRole, "problem"},
            {ForcedTextRole, "forcedText"},
            {ForcedCountRole, "forcedCount"},
            {IsMarkedRole, "isMarked"},
            {OtherWaysRole, "otherWays"}};
}

}  // namespace sotto::app
