#include "app/workshop/mix_list_model.h"

#include <algorithm>
#include <utility>

#include "app/bridge/error_text.h"
#include "app/models/model_list_model.h"
#include "app/models/model_texts.h"
#include "app/system/number_format.h"
#include "app/workshop/expected_divergence.h"

namespace sotto::app {
namespace {

// Nats per token: between what Q5_K_M costs, which the field recommends where there is room, and
// Q5_K_S.
constexpr double kUnnoticed = 0.0125;

}  // namespace

MixListModel::MixListModel(QObject* parent)
    : QAbstractListModel(parent), m_format(std::make_unique<NumberFormat>()) {
    connect(&m_language, &LanguageWatch::changed, this, &MixListModel::followLanguage);
    followLanguage();
}

MixListModel::~MixListModel() = default;

void MixListModel::followLanguage() {
    m_format->followLanguage();
    tellAll();
}

void MixListModel::tellAll() {
    if (!m_rows.empty()) emit dataChanged(index(0), index(rowCount() - 1));
    emit changed();
}

void MixListModel::begin(const QStringList& installed, bool hasImportance) {
    beginResetModel();
    m_rows.clear();
    m_installed = installed;
    m_hasImportance = hasImportance;
    endResetModel();
    emit changed();
}

void MixListModel::insert(Row row) {
    const auto rank = [](const Row& of) { return std::pair(of.canBeMade(), of.plan.fileBytes); };
    const auto before =
        std::ranges::find_if(m_rows, [&](const Row& other) { return rank(other) < rank(row); });
    const int at = static_cast<int>(before - m_rows.begin());
    beginInsertRows({}, at, at);
    m_rows.insert(before, std::move(row));
    endInsertRows();
    tellAll();  // scales and suggestion are of all rows
}

void MixListModel::add(MixPlan plan, const Machine& machine) {
    Row row{std::move(plan), std::nullopt, {}};
    if (row.plan.forecast)
        row.figures = figuresOf(*row.plan.forecast, machine.hasCard, machine.readGbS);
    insert(std::move(row));
}

void MixListModel::setTarget(MixPlan plan, const Machine& machine) {
    const auto before = std::ranges::find_if(m_rows, &Row::isTarget);
    if (before != m_rows.end()) {
        const int at = static_cast<int>(before - m_rows.begin());
        beginRemoveRows({}, at, at);
        m_rows.erase(before);
        endRemoveRows();
    }
    add(std::move(plan), machine);
}

void MixListModel::addRefused(const std::string& type, const Error& error) {
    Row row;
    row.plan.type = type;
    row.refusal = error;
    insert(std::move(row));
}

void MixListModel::forecastAgain(const ForecastSetting& setting, const Machine& machine) {
    for (Row& row : m_rows) {
        if (!row.plan.forecast) continue;
        row.plan.forecast = forecastOf(std::move(row.plan.forecast->plan), setting);
        row.figures = figuresOf(*row.plan.forecast, machine.hasCard, machine.readGbS);
    }
    tellAll();
}

double MixListModel::divergenceOf(const Row& row) const {
    if (!row.isTarget()) return expectedDivergence(row.plan.type, m_hasImportance);
    if (row.plan.expectedLoss > 0) return row.plan.expectedLoss;
    std::vector<SizedDivergence> mixes;
    for (const Row& mix : m_rows)
        if (mix.canBeMade() && !mix.isTarget())
            mixes.push_back(
                {mix.plan.bitsPerWeight, expectedDivergence(mix.plan.type, m_hasImportance)});
    return divergenceAt(row.plan.bitsPerWeight, mixes);
}

void MixListModel::setMeasured(const QHash<QString, Measured>& measured) {
    m_measured = measured;
    tellAll();
}

MixListModel::Measured MixListModel::measuredOf(const Row& row) const {
    return m_measured.value(QString::fromStdString(row.plan.type));
}

double MixListModel::shownDivergence(const Row& row) const {
    const double measured = measuredOf(row).divergence;
    return measured > 0 ? measured : divergenceOf(row);
}

double MixListModel::shownSpeed(const Row& row) const {
    const double measured = measuredOf(row).tokensPerSecond;
    return measured > 0 ? measured : row.figures.predictedSpeed;
}

bool MixListModel::isSuggestable(const Row& row, bool isFastWanted) const {
    const ForecastFigures& figures = row.figures;
    const bool isFast = figures.predictedSpeed == 0 || figures.predictedSpeed >= kReadingSpeed;
    const bool isUnpacked =
        row.plan.forecast && !row.plan.forecast->plan.info.unpackedTypes.empty();
    return row.canBeMade() && !row.isTarget() && figures.missing == 0 && !figures.isTight &&
           !isUnpacked && divergenceOf(row) > 0 && (isFast || !isFastWanted);
}

const MixListModel::Row* MixListModel::best(bool isFastWanted) const {
    const Row* unnoticed = nullptr;  // the smallest
    const Row* other = nullptr;      // the one that costs least
    for (const Row& row : m_rows) {
        if (!isSuggestable(row, isFastWanted)) continue;
        if (divergenceOf(row) <= kUnnoticed)
            unnoticed = &row;
        else if (other == nullptr || divergenceOf(row) < divergenceOf(*other))
            other = &row;
    }
    return unnoticed != nullptr ? unnoticed : other;
}

QString MixListModel::suggested() const {
    const Row* found = best(true);
    if (found == nullptr) found = best(false);
    if (found == nullptr)
        for (const Row& row : m_rows)
            if (row.canBeMade() && !row.isTarget() && divergenceOf(row) > 0)
                found = &row;  // the last is the smallest
    return found != nullptr ? QString::fromStdString(found->plan.type) : QString();
}

bool MixListModel::isLargestFitting() const {
    return m_rows.empty() || m_rows.front().figures.missing == 0;
}

int MixListModel::rowOf(const QString& type) const {
    const auto found =
        std::ranges::find(m_rows, type.toStdString(), [](const Row& row) { return row.plan.type; });
    return found == m_rows.end() ? -1 : static_cast<int>(found - m_rows.begin());
}

const MixPlan* MixListModel::planOf(const QString& type) const {
    const int row = rowOf(type);
    if (row < 0) return nullptr;
    const Row& found = m_rows[static_cast<std::size_t>(row)];
    return found.canBeMade() ? &found.plan : nullptr;
}

QString MixListModel::typeAt(int row) const {
    if (row < 0 || row >= rowCount()) return {};
    const Row& found = m_rows[static_cast<std::size_t>(row)];
    return found.canBeMade() ? QString::fromStdString(found.plan.type) : QString();
}

double MixListModel::speedScale() const {
    double scale = 0;
    for (const Row& row : m_rows)
        scale = std::max({scale, shownSpeed(row), row.figures.speedLimit});
    return scale;
}

double MixListModel::availableBytes() const {
    std::uint64_t available = 0;
    for (const Row& row : m_rows) available = std::max(available, row.figures.available);
    return static_cast<double>(available);
}

// What fits has its whole bar; of what is far too large the end is the same for all.
double MixListModel::memoryScale() const {
    double needed = 0;
    for (const Row& row : m_rows)
        needed = std::max(needed, static_cast<double>(row.figures.memory.total()));
    return std::max(needed, std::min(availableBytes(), 1.25 * needed));
}

int MixListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant MixListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    const QString type = QString::fromStdString(row.plan.type);
    switch (role) {
        case Qt::DisplayRole:
        case TypeRole: return type;
        case CanBeMadeRole: return row.canBeMade();
        case RefusalRole: return row.refusal ? errorText(*row.refusal) : QString();
        case FileBytesRole: return static_cast<double>(row.plan.fileBytes);
        case BitsPerWeightRole: return row.plan.bitsPerWeight;
        case HasForecastRole: return row.plan.forecast.has_value();
        case DivergenceRole: return row.canBeMade() ? shownDivergence(row) : 0.0;
        case DivergenceShareRole: return placeOfDivergence(shownDivergence(row));
        case IsDivergenceMeasuredRole: return measuredOf(row).divergence > 0;
        case MeasuredSpeedRole: return measuredOf(row).tokensPerSecond;
        case IsSuggestedRole: return row.canBeMade() && type == suggested();
        case IsInstalledRole: return m_installed.contains(type, Qt::CaseInsensitive);
        case SpokenTextRole: return spokenText(row);
        default: return figure(row, role);
    }
}

QVariant MixListModel::figure(const Row& row, int role) const {
    const ForecastFigures& figures = row.figures;
    const auto share = [this](double speed) {
        const double scale = speedScale();
        return scale > 0 ? speed / scale : 0.0;
    };
    switch (role) {
        case WeightsBytesRole: return static_cast<double>(figures.memory.weights);
        case KvBytesRole: return static_cast<double>(figures.memory.kv);
        case ScratchBytesRole: return static_cast<double>(figures.memory.scratch);
        case MemoryScaleRole: return memoryScale();
        case AvailableBytesRole: return static_cast<double>(figures.available);
        case IsOverRole: return figures.missing > 0;
        case IsTightRole: return figures.isTight;
        case MemoryTextRole: return row.plan.forecast ? memoryText(figures, *m_format) : QString();
        case ForecastNoteRole:
            return row.plan.forecast ? forecastNote(figures, *m_format) : QString();
        case PredictedSpeedRole: return figures.predictedSpeed;
        case IsAtLeastRole: return figures.isAtLeast;
        case SpeedLimitRole: return figures.speedLimit;
        case SpeedShareRole: return share(shownSpeed(row));
        case LimitShareRole: return share(figures.speedLimit);
        default: return {};
    }
}

QString MixListModel::spokenText(const Row& row) const {
    QStringList parts{QString::fromStdString(row.plan.type)};
    if (row.refusal) {
        parts.append(errorText(*row.refusal));
        return parts.join(QStringLiteral(", "));
    }
    if (QString::fromStdString(row.plan.type) == suggested()) parts.append(tr("suggested"));
    parts.append(m_format->fileSize(static_cast<double>(row.plan.fileBytes)));
    parts.append(tr("%1 bits per weight").arg(m_format->fixed(row.plan.bitsPerWeight, 2)));
    if (row.plan.forecast) parts.append(memoryText(row.figures, *m_format));
    if (row.figures.isTight) parts.append(tr("with a shorter context only"));
    const Measured measured = measuredOf(row);
    if (measured.tokensPerSecond > 0)
        parts.append(tr("%1 tokens per second, measured")
                         .arg(m_format->speedValue(measured.tokensPerSecond)));
    else if (row.figures.predictedSpeed > 0)
        parts.append(
            tr("%1 tokens per second").arg(m_format->prediction(row.figures.predictedSpeed)));
    if (measured.divergence > 0)
        parts.append(tr("measured KL %1").arg(m_format->divergence(measured.divergence)));
    else if (divergenceOf(row) > 0)
        parts.append(tr("expected KL ≈ %1").arg(m_format->divergence(divergenceOf(row))));
    return parts.join(QStringLiteral(", "));
}

QHash<int, QByteArray> MixListModel::roleNames() const {
    return {{TypeRole, "type"},
            {CanBeMadeRole, "canBeMade"},
            {RefusalRole, "refusal"},
            {FileBytesRole, "fileBytes"},
            {BitsPerWeightRole, "bitsPerWeight"},
            {HasForecastRole, "hasForecast"},
            {WeightsBytesRole, "weightsBytes"},
            {KvBytesRole, "kvBytes"},
            {ScratchBytesRole, "scratchBytes"},
            {MemoryScaleRole, "memoryScale"},
            {AvailableBytesRole, "availableBytes"},
            {IsOverRole, "isOver"},
            {IsTightRole, "isTight"},
            {MemoryTextRole, "memoryText"},
            {ForecastNoteRole, "forecastNote"},
            {PredictedSpeedRole, "predictedSpeed"},
            {IsAtLeastRole, "isAtLeast"},
            {SpeedLimitRole, "speedLimit"},
            {SpeedShareRole, "speedShare"},
            {LimitShareRole, "limitShare"},
            {DivergenceRole, "divergence"},
            {DivergenceShareRole, "divergenceShare"},
            {IsDivergenceMeasuredRole, "isDivergenceMeasured"},
            {MeasuredSpeedRole, "measuredSpeed"},
            {IsSuggestedRole, "isSuggested"},
            {IsInstalledRole, "isInstalled"},
            {SpokenTextRole, "spokenText"}};
}

}  // namespace sotto::app
