#include "app/models/draft_model_list.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "app/bridge/error_text.h"
#include "app/core/speed_store.h"
#include "app/jobs/window_job.h"
#include "app/models/model_controller.h"
#include "app/settings/settings_controller.h"
#include "app/system/number_format.h"
#include "engine/api/draft_model.h"

namespace sotto::app {
namespace {

const QString kOffWay = QStringLiteral("off");
const QString kNgramWay = QStringLiteral("ngram");

// A file of more than this share of the model's takes longer to guess a token than is won by it.
constexpr double kLargestShare = 0.5;

bool isTooLarge(const ModelEntry& draft, const ModelEntry& model) {
    return static_cast<double>(draft.fileBytes) >
           kLargestShare * static_cast<double>(model.fileBytes);
}

}  // namespace

DraftModelList::DraftModelList(const Parts& parts, QObject* parent)
    : RowModel(parent), m_parts(parts) {
    connect(&m_language, &LanguageWatch::changed, this, &DraftModelList::showRows);
    EngineBridge& engine = m_parts.engine;
    connect(&engine, &EngineBridge::modelLoaded, this, &DraftModelList::takeModel);
    connect(&engine, &EngineBridge::submitted, this, [this](RequestId first, int nAnswers) {
        for (int answer = 0; answer < nAnswers; ++answer)
            m_open.insert(first + static_cast<RequestId>(answer), wayInUse());
        m_isCrowded = m_isCrowded || m_open.size() > 1;
    });
    connect(&engine, &EngineBridge::generationFinished, this, &DraftModelList::takeFinish);
    connect(&engine, &EngineBridge::generationFailed, this,
            [this](const GenerationFailed& failure) {
                m_open.remove(failure.request);
                m_isCrowded = m_isCrowded && !m_open.isEmpty();
            });
    connect(&m_parts.models, &ModelController::stateChanged, this, &DraftModelList::look);
    connect(&m_parts.models, &ModelController::listed, this, &DraftModelList::look);
    for (LayeredSettings* settings : {m_parts.settings.layer(), m_parts.settings.model()->layer()})
        connect(settings, &LayeredSettings::changed, this, &DraftModelList::showRows);
    connect(m_parts.settings.model(), &ModelSettings::loadChanged, this, &DraftModelList::showRows);
    showRows();
}

DraftModelList::~DraftModelList() { m_parts.jobs.cancel(m_looking); }

bool DraftModelList::hasModel() const {
    return m_parts.models.state() == ModelController::Loaded &&
           m_parts.settings.model()->hasModel();
}

LayeredSettings& DraftModelList::layer() const {
    return hasModel() ? *m_parts.settings.model()->layer() : *m_parts.settings.layer();
}

QString DraftModelList::modelName() const {
    if (!hasModel()) return {};
    const QString type = m_parts.models.quantization();
    return type.isEmpty() ? m_parts.models.name() : m_parts.models.name() + QLatin1Char(' ') + type;
}

void DraftModelList::setShown(bool isShown) {
    if (std::exchange(m_isShown, isShown) == isShown) return;
    look();
    emit changed();
}

QString DraftModelList::chosenFile() const {
    if (!hasModel() || layer().draft() != DraftKind::Model) return {};
    return QString::fromStdString(
        m_parts.settings.model()->loadSettings(m_parts.models.path()).draftModel.value_or(""));
}

bool DraftModelList::isLoadNeeded() const {
    return std::ranges::any_of(m_rows, [this](const Row& row) {
        return row.kind == File && row.isChosen && row.path != m_loadedDraft;
    });
}

// What is chosen guesses only where it is loaded, and until then the text itself does.
QString DraftModelList::wayInUse() const {
    switch (layer().draft()) {
        case DraftKind::Off: return kOffWay;
        case DraftKind::Ngram: return kNgramWay;
        case DraftKind::Model: break;
    }
    return m_loadedDraft.isEmpty() ? kNgramWay : m_loadedDraft;
}

void DraftModelList::choose(int row) {
    if (row < 0 || row >= count() || m_rows[static_cast<std::size_t>(row)].kind == Refused) return;
    const Row chosen = m_rows[static_cast<std::size_t>(row)];
    if (chosen.kind != File) {
        layer().setDraft(chosen.kind == Off ? DraftKind::Off : DraftKind::Ngram);
        return;
    }
    LoadSettings load = m_parts.settings.model()->loadSettings(m_parts.models.path());
    load.draftModel = chosen.path.toStdString();
    m_parts.settings.model()->setLoadSettings(m_parts.models.path(), load);
    layer().setDraft(DraftKind::Model);
}

void DraftModelList::loadAgain() {
    if (hasModel()) m_parts.models.load(m_parts.models.path());
}

void DraftModelList::takeModel(const ModelInfo& info) {
    const QString path = QString::fromStdString(info.path.string());
    if (std::exchange(m_modelPath, path) != path) {
        m_verdicts.clear();
        m_measured.clear();
    }
    m_loadedDraft = QString::fromStdString(info.draftPath);
    showRows();
}

void DraftModelList::takeFinish(const GenerationFinished& finish) {
    const QString way = m_open.take(finish.request);
    const bool wasAlone = !m_isCrowded;
    m_isCrowded = m_isCrowded && !m_open.isEmpty();
    const RequestStats& stats = finish.stats;
    if (way.isEmpty() || !wasAlone || stats.tokensPerSecond <= 0) return;
    const auto nTimed = static_cast<double>(stats.generatedTokens - 1);
    const double seconds = nTimed / stats.tokensPerSecond;
    // Guesses too few to tell by changed little.
    const double gain = stats.draftGain > 0 ? stats.draftGain : 1;
    Measured& measured = m_measured[way];
    measured.nTokens += stats.generatedTokens - 1;
    measured.seconds += seconds;
    measured.plainSeconds += gain * seconds;
    measured.nSteps += stats.draftSteps;
    measured.nAccepted += stats.draftAccepted;
    showRows();
}

// Compares what was not compared yet with the model in use.
void DraftModelList::look() {
    showRows();
    const ModelEntry* model = m_parts.models.list()->find(m_parts.models.path());
    if (!m_isShown || !hasModel() || model == nullptr || m_looking != 0) return;
    std::vector<QString> unknown;
    for (const ModelEntry& entry : m_parts.models.list()->entries())
        if (entry.isReadable && entry.path != model->path && !isTooLarge(entry, *model) &&
            !m_verdicts.contains(entry.path))
            unknown.push_back(entry.path);
    if (unknown.empty()) return;
    m_looking = startForWindow(
        m_parts.jobs, this, shortDiskJob("compare vocabularies"),
        [path = model->path, unknown](JobContext& context) -> Result<Verdicts> {
            Verdicts verdicts;
            for (const QString& draft : unknown) {
                if (*context.cancelFlag()) break;
                const Status usable = checkDraftModel(path.toStdString(), draft.toStdString());
                verdicts.insert(draft, usable ? std::nullopt : std::optional(usable.error()));
            }
            return verdicts;
        },
        [this, path = model->path](Result<Verdicts> verdicts) {
            m_looking = 0;
            if (verdicts) takeVerdicts(path, std::move(*verdicts));
            emit changed();
        });
    emit changed();
}

void DraftModelList::takeVerdicts(const QString& model, Verdicts verdicts) {
    // Another one was loaded meanwhile.
    if (model == m_parts.models.path()) m_verdicts.insert(verdicts);
    look();
}

// Of a file of the library; nothing: it has nothing to do with the model.
std::optional<DraftModelList::Row> DraftModelList::rowOf(const ModelEntry& entry,
                                                         const ModelEntry& model) const {
    const bool isLarge = isTooLarge(entry, model);
    const auto verdict = m_verdicts.find(entry.path);
    const bool isKnown = verdict != m_verdicts.end();
    if (!entry.isReadable || entry.path == model.path) return std::nullopt;
    // The others are too many to be told of each why.
    if (isLarge ? entry.architecture != model.architecture : !isKnown) return std::nullopt;
    Row row{.kind = File,
            .path = entry.path,
            .name = entry.name,
            .quantization = entry.quantization,
            .fileBytes = entry.fileBytes,
            .measured = m_measured.value(entry.path)};
    if (isLarge) {
        NumberFormat format;
        format.followLanguage();
        row.kind = Refused;
        row.reason = tr("Too large to pay: a guess would read %1, a token of the model %2.")
                         .arg(format.fileSize(static_cast<double>(entry.fileBytes)),
                              format.fileSize(static_cast<double>(model.fileBytes)));
    } else if (*verdict) {
        row.kind = Refused;
        row.reason = (*verdict)->code == ErrorCode::InvalidArgument
                         ? tr("Another vocabulary: its tokens mean something else.")
                         : errorText(**verdict);
    }
    return row;
}

// What can be chosen by its size, then what cannot.
std::vector<DraftModelList::Row> DraftModelList::makeRows() const {
    std::vector<Row> rows{{.kind = Off, .measured = m_measured.value(kOffWay)},
                          {.kind = Ngram, .measured = m_measured.value(kNgramWay)}};
    const ModelListModel& list = *m_parts.models.list();
    const ModelEntry* model = hasModel() ? list.find(m_parts.models.path()) : nullptr;
    if (model != nullptr)
        for (const ModelEntry& entry : list.entries())
            if (auto row = rowOf(entry, *model)) rows.push_back(std::move(*row));
    std::stable_sort(rows.begin() + 2, rows.end(), [](const Row& left, const Row& right) {
        return std::pair(left.kind, left.fileBytes) < std::pair(right.kind, right.fileBytes);
    });
    const QString file = chosenFile();
    const auto chosen = std::ranges::find_if(
        rows, [&](const Row& row) { return row.kind == File && row.path == file; });
    if (layer().draft() == DraftKind::Off)
        rows[0].isChosen = true;
    else if (chosen != rows.end())
        chosen->isChosen = true;
    else
        rows[1].isChosen = true;
    return rows;
}

void DraftModelList::showRows() {
    replaceRows(m_rows, makeRows());
    emit changed();
}

int DraftModelList::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : count();
}

QVariant DraftModelList::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    const Measured& measured = row.measured;
    switch (role) {
        case KindRole: return row.kind;
        case NameRole: return nameOf(row);
        case QuantizationRole: return row.quantization;
        case FileBytesRole: return static_cast<double>(row.fileBytes);
        case ReasonRole: return row.reason;
        case IsChosenRole: return row.isChosen;
        case KeptPerStepRole: return keptPerStep(measured.nAccepted, measured.nSteps);
        case GainRole: return measured.gain();
        case SpeedRole: return measured.speed();
        case StepCountRole: return static_cast<double>(measured.nSteps);
        case SpokenTextRole: return spokenText(row);
        default: return {};
    }
}

QHash<int, QByteArray> DraftModelList::roleNames() const {
    return {{KindRole, "kind"},
            {NameRole, "name"},
            {QuantizationRole, "quantization"},
            {FileBytesRole, "fileBytes"},
            {ReasonRole, "reason"},
            {IsChosenRole, "isChosen"},
            {KeptPerStepRole, "keptPerStep"},
            {GainRole, "gain"},
            {SpeedRole, "speed"},
            {StepCountRole, "stepCount"},
            {SpokenTextRole, "spokenText"}};
}

QString DraftModelList::nameOf(const Row& row) const {
    switch (row.kind) {
        case Off: return tr("Off, plain");
        case Ngram: return tr("n-gram, from this chat");
        case File:
        case Refused: break;
    }
    return row.name;
}

QString DraftModelList::spokenText(const Row& row) const {
    NumberFormat format;
    format.followLanguage();
    QStringList parts{nameOf(row)};
    if (!row.quantization.isEmpty()) parts << row.quantization;
    if (!row.reason.isEmpty()) parts << row.reason;
    if (row.measured.speed() > 0)
        parts << format.speed(row.measured.speed())
              << tr("%1 plain").arg(format.factor(row.measured.gain()));
    return parts.join(tr(", "));
}

}  // namespace sotto::app
