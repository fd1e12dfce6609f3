#include "app/workshop/quantize_controller.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QPointer>
#include <algorithm>
#include <utility>

#include "app/bridge/error_text.h"
#include "app/bridge/local_path.h"
#include "app/jobs/job_texts.h"
#include "app/jobs/window_job.h"
#include "app/models/model_controller.h"
#include "app/models/plan_cache.h"
#include "app/system/number_format.h"

namespace sotto::app {
namespace {

constexpr double kLeastDivergence = 1e-6;  // nats: of what is the same, so that it is not unknown
constexpr int kLookMs = 250;               // as often as a person sees a bar move

QVariantMap namedChoice(const QString& text, const QString& value) {
    return {{QStringLiteral("text"), text}, {QStringLiteral("value"), value}};
}

}  // namespace

QuantizeController::QuantizeController(Parts parts, QObject* parent)
    : QObject(parent),
      m_parts(std::move(parts)),
      m_format(std::make_unique<NumberFormat>()),
      m_rate(kJobRateWindow, kJobShortestLook) {
    m_format->followLanguage();
    m_watch.setInterval(kLookMs);
    connect(&m_watch, &QTimer::timeout, this, &QuantizeController::look);
    connect(&m_language, &LanguageWatch::changed, this, [this] {
        m_format->followLanguage();
        emit changed();
        emit progressed();
        emit madeChanged();
    });
    connect(m_parts.models.list(), &ModelListModel::countChanged, this, [this] {
        if (isOpen()) tellMeasured();
        emit changed();
    });
    connect(&m_parts.models, &ModelController::bandwidthChanged, this, [this] {
        if (isOpen()) m_mixes.forecastAgain(setting(), machine());
    });
    m_budget = std::make_unique<BudgetPlanner>(BudgetPlanner::Parts{
        m_parts.jobs, [this] { return orderFor({}); }, [this] { return setting(); },
        [this](MixPlan plan) { takeTarget(std::move(plan)); }});
    m_methods = std::make_unique<QuantizeMethods>(QuantizeMethods::Parts{
        m_parts.measuredText, [this] { return isOpen(); }, [this] { return m_importance; },
        [this] { return m_mixes.planOf(m_type); }});
    connect(this, &QuantizeController::changed, m_methods.get(), &QuantizeMethods::changed);
    connect(m_methods.get(), &QuantizeMethods::chosenChanged, this,
            &QuantizeController::takeMethod);
    m_published = std::make_unique<ImportanceFinder>(ImportanceFinder::Parts{
        m_parts.hub, m_parts.jobs, [this](const QString& path) { takePublished(path); }});
    m_parts.quantizing.setListener(
        [self = QPointer<QuantizeController>(this)](const QuantizeOutcome& outcome) {
            if (QCoreApplication::instance() == nullptr) return;
            QMetaObject::invokeMethod(
                QCoreApplication::instance(),
                [self, outcome] {
                    if (self) self->takeOutcome(outcome);
                },
                Qt::QueuedConnection);
        });
}

QuantizeController::~QuantizeController() {
    m_parts.quantizing.setListener({});
    for (const JobId job : {m_planning, m_looking}) m_parts.jobs.cancel(job);
}

void QuantizeController::setState(State state) {
    m_state = state;
    const bool isUnderWay = state == Waiting || state == Running;
    if (isUnderWay && !m_watch.isActive()) m_watch.start();
    if (!isUnderWay) m_watch.stop();
    emit changed();
    emit progressed();
}

// --- what is asked for --------------------------------------------------------------------------

void QuantizeController::open(const QString& path) {
    dropPlans();
    m_source = path;
    m_name = sourceName(path);
    m_sourceType.clear();
    m_sourceBytes = 0;
    if (const ModelEntry* entry = m_parts.models.list()->find(path)) {
        m_name = entry->name;
        m_sourceType = entry->quantization;
        m_sourceBytes = entry->fileBytes;
    } else if (!path.isEmpty() && !m_otherSources.contains(path)) {
        m_otherSources.append(path);
    }
    m_budget->begin();
    m_contextTokens = m_parts.contextTokens ? m_parts.contextTokens() : 0;
    m_importance.clear();
    m_importances.clear();
    m_type.clear();
    m_isTypeChosen = m_isNameChosen = false;
    m_fileName.clear();
    m_folders = targetFolders(path, m_parts.ownFolder);
    m_folder = m_folders.value(0);
    m_methods->begin();
    m_importanceFolder = importanceFolder(path, m_parts.ownFolder);
    m_published->begin(path, m_importanceFolder);
    m_disk.reset();
    m_order.reset();
    m_job = 0;
    m_losses.clear();
    m_mixes.setMeasured({});
    if (path.isEmpty()) return setState(NoSource);
    plan();
    lookAtDisk();
    lookAtLosses();
}

void QuantizeController::openBest() { open(bestSource(m_parts.models.list()->entries())); }

void QuantizeController::setSource(const QString& path) {
    if (path != m_source) open(path);
}

void QuantizeController::chooseSource(const QUrl& place) { open(localPath(place)); }

QVariantList QuantizeController::sourceChoices() const {
    QVariantList choices;
    for (const ModelEntry& entry : m_parts.models.list()->entries())
        if (entry.isReadable)
            choices.append(
                namedChoice(tr("%1 %2, %3", "name, type, size")
                                .arg(entry.name, entry.quantization,
                                     m_format->fileSize(static_cast<double>(entry.fileBytes))),
                            entry.path));
    for (const QString& path : m_otherSources)
        if (m_parts.models.list()->find(path) == nullptr)
            choices.append(namedChoice(sourceName(path), path));
    return choices;
}

void QuantizeController::dropPlans() {
    for (JobId* job : {&m_planning, &m_looking}) m_parts.jobs.cancel(std::exchange(*job, 0));
    m_budget->forget();
    m_toPlan.clear();
    m_error.reset();
}

void QuantizeController::close() {
    dropPlans();
    if (m_state != Closed) setState(Closed);
}

void QuantizeController::setContextTokens(int tokens) {
    if (tokens == m_contextTokens || !isOpen()) return;
    m_contextTokens = tokens;
    plan();
}

void QuantizeController::setImportance(const QString& path) {
    if (path == m_importance || (!isOpen() && m_state != Failed)) return;
    m_importance = path;
    const bool isFile = !path.isEmpty() && path != QLatin1String(kMeasuredImportance);
    if (isFile && !m_importances.contains(path)) m_importances.append(path);
    plan();
}

void QuantizeController::chooseImportance(const QUrl& file) { setImportance(localPath(file)); }

void QuantizeController::chooseFolder(const QUrl& folder) {
    const QString path = localPath(folder);
    if (!m_folders.contains(path)) m_folders.append(path);
    setFolder(path);
}

void QuantizeController::setType(const QString& type) {
    if (m_mixes.planOf(type) == nullptr) return;
    m_isTypeChosen = true;
    m_error.reset();
    m_type = type;
    suggestName();
    lookAtDisk();
    emit changed();
}

int QuantizeController::nextRow(int by) const {
    int row = chosenRow() + by;
    while (row >= 0 && row < m_mixes.rowCount() && m_mixes.typeAt(row).isEmpty()) row += by;
    return row < m_mixes.rowCount() ? std::max(row, -1) : -1;
}

void QuantizeController::setFolder(const QString& folder) {
    if (folder == m_folder) return;
    m_folder = folder;
    m_error.reset();
    lookAtDisk();
    emit changed();
}

void QuantizeController::setFileName(const QString& name) {
    if (name == m_fileName) return;
    m_fileName = name;
    m_isNameChosen = true;
    m_error.reset();
    lookAtDisk();
    emit changed();
}

QVariantList QuantizeController::importanceChoices() const {
    QVariantList choices{namedChoice(tr("None"), {})};
    for (const QString& path : m_importances)
        choices.append(namedChoice(importanceTitle(path, m_importanceFolder), path));
    if (!m_methods->textPath().isEmpty())
        choices.append(
            namedChoice(measuredTitle(m_methods->text()), QLatin1String(kMeasuredImportance)));
    return choices;
}

// One that needs an importance matrix gets one.
void QuantizeController::takeMethod() {
    const bool isNeeded = m_methods->chosen() == ModelMethod::Awq && m_importance.isEmpty();
    if (isNeeded && !m_methods->textPath().isEmpty())
        m_importance = QLatin1String(kMeasuredImportance);
    plan();
}

QVariantList QuantizeController::folderChoices() const {
    QVariantList choices;
    for (const QString& path : m_folders)
        choices.append(namedChoice(QDir::toNativeSeparators(path), path));
    return choices;
}

// --- what each mix would come to ----------------------------------------------------------------

ForecastSetting QuantizeController::setting() const {
    LoadOptions load = m_parts.models.loadOptions({});
    load.contextTokens = m_contextTokens;
    return m_parts.models.forecastSetting(load);
}

MixListModel::Machine QuantizeController::machine() const {
    return {m_parts.models.isOnCard(), m_parts.models.readBandwidth()};
}

QuantizeOrder QuantizeController::orderFor(const std::string& type) const {
    QuantizeOrder order;
    order.source = m_source.toStdString();
    order.target = targetPath().toStdString();
    order.name = m_name.toStdString();
    if (m_importance == QLatin1String(kMeasuredImportance))
        order.measuredText = m_methods->textPath().toStdString();
    else
        order.importance = m_importance.toStdString();
    if (m_methods->problem().isEmpty()) order.method = m_methods->chosen();
    if (order.method == ModelMethod::Gptq) order.calibration = m_methods->textPath().toStdString();
    const MixPlan* plan = m_mixes.planOf(QString::fromStdString(type));
    if (plan != nullptr && plan->budget.isThere())
        order.budget = plan->budget;
    else
        order.type = type;
    return order;
}

// From the beginning: another source, context or importance matrix.
void QuantizeController::plan() {
    QStringList installed;
    for (const ModelEntry& entry : m_parts.models.list()->entries())
        if (entry.name == m_name && entry.path != m_source) installed.append(entry.quantization);
    m_parts.jobs.cancel(std::exchange(m_planning, 0));
    m_budget->forget();
    m_mixes.begin(installed, !m_importance.isEmpty());
    m_error.reset();
    m_toPlan = quantizeTypes();
    std::ranges::reverse(m_toPlan);  // taken from behind
    m_isFirstPlan = true;
    ++m_nPlans;
    setState(Planning);
    planNext();
}

void QuantizeController::planNext() {
    if (m_toPlan.empty()) {
        m_planning = 0;
        chooseSuggested();
        offerTarget();
        return setState(Ready);
    }
    const std::string type = m_toPlan.back();
    m_toPlan.pop_back();
    m_planning = startForWindow(
        m_parts.jobs, this, shortDiskJob("plan a quantization"),
        [order = orderFor(type), setting = setting()](JobContext&) {
            return planMix(order, setting);
        },
        [this, type, number = m_nPlans](Result<MixPlan> plan) {
            if (number == m_nPlans && m_state == Planning) takePlan(type, std::move(plan));
        });
}

void QuantizeController::takePlan(const std::string& type, Result<MixPlan> plan) {
    if (!plan && std::exchange(m_isFirstPlan, false)) {
        m_error = plan.error();
        m_toPlan.clear();
        return setState(Failed);
    }
    if (plan && m_isFirstPlan) m_methods->setSource(*plan);
    m_isFirstPlan = false;
    if (!plan) {
        m_mixes.addRefused(type, plan.error());
    } else if (!plan->isPointless) {
        if (plan->forecast) m_parts.models.wantRates(plan->forecast->plan.info);
        m_mixes.add(std::move(*plan), machine());
    }
    planNext();
}

void QuantizeController::offerTarget() {
    BudgetPlanner::Offer offer;
    offer.memoryBytes = m_mixes.availableBytes();
    if (const MixPlan* plan = m_mixes.planOf(m_mixes.suggested()))
        offer.fileBytes = static_cast<double>(plan->fileBytes);
    offer.isLargestFitting = m_mixes.isLargestFitting();
    m_budget->setOffer(offer);
}

void QuantizeController::takeTarget(MixPlan plan) {
    if (m_state != Ready && m_state != Planning) return;
    const QString type = QString::fromStdString(plan.type);
    if (plan.forecast) m_parts.models.wantRates(plan.forecast->plan.info);
    m_mixes.setTarget(std::move(plan), machine());
    setType(type);
}

// What comparisons have measured of models that were made of this source.
void QuantizeController::lookAtLosses() {
    m_parts.storage.submit(
        this, [](storage::Database& database) { return keptReports(database); },
        [this, number = ++m_nLossLooks](Result<std::vector<std::string>> reports) {
            if (reports && number == m_nLossLooks) readLosses(std::move(*reports));
        });
}

// Whole answers are among them: neither the library nor the window waits for it.
void QuantizeController::readLosses(std::vector<std::string> reports) {
    startForWindow(
        m_parts.jobs, this, shortDiskJob("read comparisons"),
        [reports = std::move(reports), source = m_source.toStdString()](
            JobContext&) -> Result<std::vector<KeptLoss>> { return keptLosses(reports, source); },
        [this, number = m_nLossLooks](Result<std::vector<KeptLoss>> losses) {
            if (!losses || number != m_nLossLooks) return;
            m_losses = std::move(*losses);
            tellMeasured();
        });
}

void QuantizeController::tellMeasured() {
    QHash<QString, MixListModel::Measured> measured;
    ModelListModel* models = m_parts.models.list();
    for (int row = 0; row < models->rowCount(); ++row) {
        const ModelEntry& entry = models->entries()[static_cast<std::size_t>(row)];
        if (entry.name != m_name || entry.path == m_source) continue;
        MixListModel::Measured& one = measured[entry.quantization];
        // Of two files of one type the measured one tells.
        const QVariant speed = models->data(models->index(row), ModelListModel::MeasuredSpeedRole);
        one.tokensPerSecond = std::max(one.tokensPerSecond, speed.toDouble());
        for (const KeptLoss& loss : m_losses)
            if (loss.path == entry.path.toStdString() &&
                loss.fileBytes == static_cast<std::uint64_t>(entry.fileBytes))
                one.divergence = std::max(loss.klMean, kLeastDivergence);
    }
    m_mixes.setMeasured(measured);
}

// As long as nobody has chosen; and instead of what cannot be made any more.
void QuantizeController::chooseSuggested() {
    if (!m_isTypeChosen || m_mixes.planOf(m_type) == nullptr) {
        m_isTypeChosen = false;
        m_type = m_mixes.suggested();
    }
    suggestName();
    lookAtDisk();
}

// The same type by another method is another file.
void QuantizeController::suggestName() {
    if (m_isNameChosen || m_type.isEmpty()) return;
    const bool isUsual = m_methods->chosen() == ModelMethod::Search;
    m_fileName =
        targetName(m_source, isUsual ? m_type : m_type + QLatin1Char('-') + m_methods->method());
}

// --- where it goes ------------------------------------------------------------------------------

QString QuantizeController::targetPath() const { return QDir(m_folder).filePath(m_fileName); }

void QuantizeController::lookAtDisk() {
    m_parts.jobs.cancel(m_looking);
    m_looking = startForWindow(
        m_parts.jobs, this, shortDiskJob("look where a model goes"),
        [folder = m_folder, name = m_fileName, source = m_source, published = m_importanceFolder,
         isOwn = m_folder == m_parts.ownFolder](JobContext&) -> Result<TargetLook> {
            if (isOwn) QDir().mkpath(folder);
            return lookAtTarget(folder, name, source, published);
        },
        [this, number = ++m_nLooks](Result<TargetLook> look) {
            if (look && number == m_nLooks) takeDiskLook(std::move(*look));
        });
}

void QuantizeController::takeDiskLook(TargetLook look) {
    qsizetype place = 0;
    for (const QString& path : look.published)
        if (!m_importances.contains(path)) m_importances.insert(place++, path);
    for (const QString& path : look.importances)
        if (!m_importances.contains(path)) m_importances.append(path);
    m_disk = std::move(look);
    emit changed();
}

// Offered first, and chosen where there is a choice to make.
void QuantizeController::takePublished(const QString& path) {
    m_importances.removeAll(path);
    m_importances.prepend(path);
    // The one before of this name may have been another file.
    if (path == m_importance) m_importance.clear();
    setImportance(path);
    emit changed();
}

QString QuantizeController::roomText() const {
    const MixPlan* plan = m_mixes.planOf(m_type);
    if (plan == nullptr || !m_disk || m_disk->freeBytes < 0) return {};
    return tr("%1 of %2 free")
        .arg(m_format->fileSize(static_cast<double>(plan->fileBytes)),
             m_format->sizeSum(static_cast<double>(m_disk->freeBytes)));
}

QString QuantizeController::diskProblem() const {
    if (m_type.isEmpty()) return {};
    return targetProblem(m_fileName.trimmed(), m_disk, m_mixes.planOf(m_type), *m_format);
}

// --- what is told -------------------------------------------------------------------------------

QString QuantizeController::sourceText() const {
    const MixPlan* plan = m_mixes.planOf(m_type);
    const qint64 planned = plan == nullptr ? 0 : static_cast<qint64>(plan->sourceBytes);
    const qint64 nBytes = m_sourceBytes > 0 ? m_sourceBytes : planned;
    const QString size = m_format->fileSize(static_cast<double>(nBytes));
    if (plan == nullptr) return nBytes > 0 ? size : QString();
    return tr("%1, %2").arg(size, tr("%n tensor(s)", nullptr, plan->nTensors));
}

QString QuantizeController::warning() const {
    const MixPlan* plan = m_mixes.planOf(m_type);
    return plan == nullptr ? QString() : planWarning(*plan);
}

bool QuantizeController::isOfImportance(const Error& error) const {
    if (m_importance.isEmpty() || m_importance == QLatin1String(kMeasuredImportance)) return false;
    const QString of = QString::fromStdString(error.context);
    return of == m_importance || of == QFileInfo(m_importance).fileName();
}

QString QuantizeController::problem() const {
    if (!m_error) {
        const QString ofMethod = isOpen() ? m_methods->problem() : QString();
        return ofMethod.isEmpty() ? diskProblem() : ofMethod;
    }
    return isOfImportance(*m_error)
               ? importanceProblem(*m_error, QFileInfo(m_importance).fileName(), *m_format)
               : errorText(*m_error);
}

QString QuantizeController::failureTitle() const {
    return m_error && isOfImportance(*m_error) ? tr("This importance matrix cannot be used")
                                               : tr("The model could not be read");
}

bool QuantizeController::canStart() const {
    return isOpen() && !m_type.isEmpty() && m_disk && m_methods->problem().isEmpty() &&
           diskProblem().isEmpty();
}

// --- the job ------------------------------------------------------------------------------------

void QuantizeController::start() {
    if (!canStart()) return;
    m_fileName = m_fileName.trimmed();
    m_parts.jobs.cancel(std::exchange(m_planning, 0));
    m_budget->stop();
    m_toPlan.clear();
    m_error.reset();
    m_order = orderFor(m_type.toStdString());
    m_progress = {};
    m_rate.reset();
    const auto job = m_parts.quantizing.start(*m_order);
    if (!job) {
        m_order.reset();
        m_error = job.error();
        return setState(Ready);
    }
    m_job = *job;
    m_jobState = JobState::Waiting;
    setState(Waiting);
    look();
}

void QuantizeController::stop() {
    if (m_job != 0) m_parts.jobs.cancel(m_job);
}

void QuantizeController::look() {
    if (m_state != Waiting && m_state != Running) return;
    if (const auto job = m_parts.jobs.job(m_job)) {
        m_progress = job->progress;
        m_jobState = job->state;
        // Stopped by a full disk: the dialog says so, and the job waits in the list.
        m_error = job->state == JobState::NeedsYou ? job->error : std::nullopt;
        const State now = job->state == JobState::Running ? Running : Waiting;
        if (now == Running) m_rate.note(std::chrono::steady_clock::now(), m_progress.done);
        if (now != m_state) setState(now);
    }
    emit progressed();
    if (m_error) emit changed();
}

double QuantizeController::share() const { return std::max(0.0, shareOf(m_progress)); }

bool QuantizeController::isSourceInstalled() const {
    return m_parts.models.list()->find(m_source) != nullptr;
}

QString QuantizeController::progressText() const {
    if (m_jobState == JobState::NeedsYou) return tr("Stopped: the list of jobs goes on with it");
    if (m_jobState == JobState::Paused) return tr("Paused: the list of jobs goes on with it");
    if (m_state == Waiting) return tr("Waits for another job");
    if (const QString phase = jobPhase(m_progress, *m_format); !phase.isEmpty()) return phase;
    if (m_progress.done == 0) return tr("Reading the source");
    return jobAmount(m_progress, false, *m_format).whole();
}

QString QuantizeController::paceText() const {
    if (m_state != Running) return {};
    return jobPace(m_progress, m_rate.perSecond(std::chrono::steady_clock::now()), *m_format);
}

void QuantizeController::takeOutcome(const QuantizeOutcome& outcome) {
    if (outcome.report) takeMade(outcome);
    if (!m_order || *m_order != outcome.order) return;
    m_order.reset();
    m_job = 0;
    if (m_state != Waiting && m_state != Running) return;
    m_error.reset();
    if (outcome.report) return setState(Made);
    if (outcome.report.error().code != ErrorCode::Cancelled) m_error = outcome.report.error();
    lookAtDisk();
    setState(Ready);
}

// In the list, wherever it lies.
void QuantizeController::takeMade(const QuantizeOutcome& outcome) {
    const QString path = QString::fromStdString(outcome.order.target.string());
    storage::ModelRecord record;
    record.path = path.toStdString();
    record.name = outcome.order.name;
    const FileStamp stamp = stampOf(path).value_or(FileStamp{});
    record.sizeBytes = stamp.sizeBytes;
    record.modifiedAt = stamp.modifiedAt;
    m_parts.storage.submit(
        this, [record](storage::Database& database) { return database.models().save(record); },
        [this](const Status&) { m_parts.models.refresh(); });
    m_made = outcome;
    emit madeChanged();
}

QString QuantizeController::madeText() const {
    return m_made ? madeTextOf(*m_made, *m_format) : QString();
}

void QuantizeController::loadMade() {
    const QString path = madePath();
    dismissMade();
    if (!path.isEmpty()) m_parts.models.load(path);
}

void QuantizeController::dismissMade() {
    m_made.reset();
    emit madeChanged();
}

}  // namespace sotto::app
