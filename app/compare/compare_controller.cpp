#include "app/compare/compare_controller.h"

#include <algorithm>

#include "app/bridge/error_text.h"
#include "app/bridge/local_path.h"
#include "app/compare/compare_picture.h"
#include "app/compare/compare_texts.h"
#include "app/models/model_controller.h"
#include "app/settings/settings_controller.h"
#include "app/system/number_format.h"

namespace sotto::app {
namespace {

// Room for the question and the answer, the same for all columns, so that their memory can be
// compared: in steps of 1,024 tokens, at least 4,096. A token is at least a byte.
std::int64_t contextFor(const QString& prompt, int maxTokens) {
    constexpr std::int64_t kStep = 1024, kLeast = 4096, kTemplate = 512;
    const std::int64_t wanted = prompt.toUtf8().size() + kTemplate + maxTokens;
    return std::max(kLeast, (wanted + kStep - 1) / kStep * kStep);
}

QString choiceText(const ModelEntry& entry) {
    return entry.quantization.isEmpty() ? entry.name
                                        : entry.name + QStringLiteral("  ") + entry.quantization;
}

}  // namespace

CompareController::CompareController(const Parts& parts, QObject* parent)
    : QObject(parent),
      m_parts(parts),
      m_format(std::make_unique<NumberFormat>()),
      m_export(parts.jobs),
      m_pace(steadyMs),
      // It goes first, so it calls nothing that is being destroyed.
      m_live(parts.engine.hub(), [this] {
          QMetaObject::invokeMethod(this, &CompareController::wake, Qt::QueuedConnection);
      }) {
    m_format->followLanguage();
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &CompareController::deliver);
    connect(&m_export, &ComparisonExport::written, this, &CompareController::exported);
    connect(&m_export, &ComparisonExport::failed, this, [this](const Error& error) {
        m_problem = error;
        emit changed();
    });
    connect(&m_parts.models, &ModelController::listed, this, &CompareController::follow);
    connect(m_parts.models.list(), &ModelListModel::countChanged, this, &CompareController::follow);
    connect(&m_language, &LanguageWatch::changed, this, [this] {
        m_format->followLanguage();
        emit changed();
    });
    follow();
}

CompareController::~CompareController() = default;

// --- models -------------------------------------------------------------------------------------

std::vector<const ModelEntry*> CompareController::usable() const {
    std::vector<const ModelEntry*> entries;
    for (const ModelEntry& entry : m_parts.models.list()->entries())
        if (entry.isReadable) entries.push_back(&entry);
    return entries;
}

std::vector<const ModelEntry*> CompareController::usableBy(const QString& name) const {
    std::vector<const ModelEntry*> entries = usable();
    std::ranges::stable_sort(entries, [&name](const ModelEntry* a, const ModelEntry* b) {
        return (a->name == name) > (b->name == name);
    });
    return entries;
}

const ModelEntry* CompareController::entryOf(const QString& path) const {
    const ModelEntry* entry = m_parts.models.list()->find(path);
    return entry != nullptr && entry->isReadable ? entry : nullptr;
}

ReportColumn CompareController::columnOf(const ModelEntry& entry) const {
    ReportColumn column;
    column.name = entry.name.toStdString();
    column.quantization = entry.quantization.toStdString();
    column.path = entry.path.toStdString();
    column.fileBytes = static_cast<std::uint64_t>(entry.fileBytes);
    return column;
}

// As the list has its file now, with nothing of what the last run told of it.
ReportColumn CompareController::withoutRun(ReportColumn column) const {
    if (const ModelEntry* entry = entryOf(QString::fromStdString(column.path)))
        return columnOf(*entry);
    ReportColumn bare;
    bare.name = std::move(column.name);
    bare.quantization = std::move(column.quantization);
    bare.path = std::move(column.path);
    bare.fileBytes = column.fileBytes;
    return bare;
}

// Files that came and went; of a run that is shown nothing changes.
void CompareController::follow() {
    if (m_isBegun) {
        emit choicesChanged();
        emit changed();
        return;
    }
    std::vector<ReportColumn> columns;
    for (const ReportColumn& column : m_columns.columns())
        if (const ModelEntry* entry = entryOf(QString::fromStdString(column.path)))
            columns.push_back(columnOf(*entry));
    if (m_isChosen && columns.size() >= 2)
        showChosen(std::move(columns));
    else
        suggest();
    emit choicesChanged();
    emit changed();
}

// Delegates stay while nothing of theirs changes.
void CompareController::showChosen(std::vector<ReportColumn> columns) {
    const auto isSame = [](const ReportColumn& a, const ReportColumn& b) {
        return a.path == b.path && a.name == b.name && a.quantization == b.quantization &&
               a.fileBytes == b.fileBytes;
    };
    if (!std::ranges::equal(columns, m_columns.columns(), isSame))
        m_columns.show(std::move(columns), false);
}

// The types of one model first: of the model with the most of them, the largest as the reference
// and the smallest beside it. Else the two that come first. What a person chose stays.
void CompareController::suggest() {
    const std::vector<const ModelEntry*> all = usable();
    std::vector<const ModelEntry*> best;
    for (const ModelEntry* first : all) {
        std::vector<const ModelEntry*> types;
        for (const ModelEntry* entry : all)
            if (entry->name == first->name && !entry->isTooLarge) types.push_back(entry);
        if (types.size() > best.size()) best = std::move(types);
    }
    if (best.size() < 2)
        best = {all.begin(), all.begin() + std::min<std::ptrdiff_t>(2, std::ssize(all))};
    std::ranges::sort(
        best, [](const ModelEntry* a, const ModelEntry* b) { return a->fileBytes > b->fileBytes; });
    std::vector<ReportColumn> columns;
    if (best.size() >= 2) columns = {columnOf(*best.front()), columnOf(*best.back())};
    showChosen(std::move(columns));
}

void CompareController::chooseAgain(std::vector<ReportColumn> columns) {
    for (ReportColumn& column : columns) column = withoutRun(std::move(column));
    m_isBegun = m_isKept = false;
    ++m_shownRun;
    m_isChosen = true;
    m_problem.reset();
    m_columns.show(std::move(columns), false);
    emit choicesChanged();
    emit changed();
}

void CompareController::setModel(int column, const QString& path) {
    const ModelEntry* entry = entryOf(path);
    std::vector<ReportColumn> columns = m_columns.columns();
    if (entry == nullptr || isRunning() || column < 0 || column >= std::ssize(columns)) return;
    columns[static_cast<std::size_t>(column)] = columnOf(*entry);
    chooseAgain(std::move(columns));
}

void CompareController::addModel(const QString& path) {
    const ModelEntry* entry = entryOf(path);
    if (entry == nullptr || !canAdd()) return;
    std::vector<ReportColumn> columns = m_columns.columns();
    columns.push_back(columnOf(*entry));
    chooseAgain(std::move(columns));
}

void CompareController::removeColumn(int column) {
    std::vector<ReportColumn> columns = m_columns.columns();
    if (isRunning() || columns.size() <= 2 || column < 0 || column >= std::ssize(columns)) return;
    columns.erase(columns.begin() + column);
    chooseAgain(std::move(columns));
}

void CompareController::beginWith(const QString& path) {
    const ModelEntry* first = entryOf(path);
    if (first == nullptr || isRunning()) return;
    std::vector<const ModelEntry*> others = usableBy(first->name);
    std::erase(others, first);
    if (others.empty()) return;
    // The larger one of two types is what the other is measured by.
    const ModelEntry* second = others.front();
    if (second->name == first->name && second->fileBytes > first->fileBytes)
        std::swap(first, second);
    chooseAgain({columnOf(*first), columnOf(*second)});
}

void CompareController::beginWithPair(const QString& reference, const QString& path) {
    const ModelEntry* first = entryOf(reference);
    const ModelEntry* second = entryOf(path);
    if (isRunning() || first == second) return;
    if (first == nullptr || second == nullptr)
        return beginWith(first == nullptr ? path : reference);
    chooseAgain({columnOf(*first), columnOf(*second)});
}

void CompareController::beginWithQuestion(const QString& question, const QString& path,
                                          bool isTemporary) {
    if (isRunning()) return;
    beginWith(path);
    if (!question.isEmpty()) {
        m_prompt = question;
        m_isPrivate = isTemporary;
    }
    emit changed();
}

QVariantList CompareController::choices() const {
    const QString name = m_columns.columns().empty()
                             ? QString()
                             : QString::fromStdString(m_columns.columns().front().name);
    QVariantList choices;
    for (const ModelEntry* entry : usableBy(name))
        choices.append(QVariantMap{{QStringLiteral("text"), choiceText(*entry)},
                                   {QStringLiteral("value"), entry->path}});
    return choices;
}

// --- how ----------------------------------------------------------------------------------------

void CompareController::setPrompt(const QString& prompt) {
    if (prompt == m_prompt) return;
    m_prompt = prompt;
    if (prompt.isEmpty()) m_isPrivate = false;
    emit changed();
}

void CompareController::setMeasuring(bool isMeasuring) {
    m_isMeasuring = isMeasuring;
    emit changed();
}

void CompareController::setGreedy(bool isGreedy) {
    m_isGreedy = isGreedy;
    emit changed();
}

void CompareController::setMaxTokens(int maxTokens) {
    m_maxTokens = std::clamp(maxTokens, 1, 8192);
    emit changed();
}

QVariantList CompareController::tokenChoices() const {
    QVariantList choices;
    for (const int nTokens : {64, 128, 256, 512, 1024, 2048, 4096})
        choices.append(QVariantMap{{QStringLiteral("text"), m_format->tokens(nTokens)},
                                   {QStringLiteral("value"), nTokens}});
    return choices;
}

void CompareController::setSeed(int seed) {
    m_seed = std::max(seed, 0);
    emit changed();
}

QString CompareController::samplingText() const {
    return sotto::app::samplingText(m_isGreedy, m_maxTokens, *m_format);
}

// Of the reference, when the prompt is still the one that was asked.
int CompareController::promptTokens() const {
    if (!m_isBegun || m_prompt != m_askedPrompt || m_columns.columns().empty()) return 0;
    return static_cast<int>(m_columns.columns().front().result.stats.promptTokens);
}

CompareController::State CompareController::state() const {
    if (isRunning()) return Running;
    if (m_isKept) return Kept;
    if (m_isBegun) return Ended;
    const std::size_t nUsable = usable().size();
    if (nUsable < 2) return nUsable == 0 ? NoModels : OneModel;
    return Choosing;
}

bool CompareController::canAdd() const {
    return !isRunning() && m_columns.columns().size() >= 2 &&
           m_columns.columns().size() < kMostCompared;
}

bool CompareController::canRun() const {
    return !isRunning() && !m_isMeasuring && m_columns.columns().size() >= 2 &&
           !m_prompt.trimmed().isEmpty();
}

bool CompareController::isEngineBusy() const {
    const Engine* engine = m_parts.engine.engine();
    return engine != nullptr && engine->snapshot().isGenerating;
}

bool CompareController::hasAnswers() const {
    return m_isBegun && !isRunning() &&
           std::ranges::any_of(m_columns.columns(), [](const ReportColumn& column) {
               return !column.result.answer.text.empty();
           });
}

QString CompareController::problem() const { return m_problem ? errorText(*m_problem) : QString(); }

void CompareController::dismissProblem() {
    m_problem.reset();
    emit changed();
}

// --- the run ------------------------------------------------------------------------------------

LoadOptions CompareController::loadOf(const ReportColumn& column) const {
    LoadOptions load = m_parts.models.loadOptions(QString::fromStdString(column.path));
    load.contextTokens = contextFor(m_prompt, m_maxTokens);
    load.isContextFitted = true;
    return load;
}

void CompareController::run() {
    if (!canRun()) return;
    ComparisonOrder order;
    order.prompt = m_prompt.trimmed().toStdString();
    order.maxTokens = m_maxTokens;
    std::vector<ReportColumn> columns = m_columns.columns();
    for (ReportColumn& column : columns) {
        column = withoutRun(std::move(column));
        order.columns.push_back(loadOf(column));
    }
    if (m_isGreedy) {
        order.sampling.temperature = 0;  // and no penalty: the likeliest token, whatever it is
    } else {
        GenerationRequest drawn;
        m_parts.settings.sampling()->apply(drawn);
        order.sampling = drawn.sampling;
    }
    order.sampling.seed = static_cast<std::uint64_t>(m_seed);
    ComparisonReport shown;
    shown.prompt = order.prompt;
    shown.isGreedy = m_isGreedy;
    shown.temperature = static_cast<double>(order.sampling.temperature);
    shown.seed = *order.sampling.seed;
    shown.maxTokens = order.maxTokens;
    m_problem.reset();
    m_parts.models.holdRates(true);
    if (const Status begun = m_live.start(std::move(order)); !begun) {
        m_parts.models.holdRates(false);
        m_problem = begun.error();
        emit changed();
        return;
    }
    std::vector<std::string> compared;
    for (const ReportColumn& column : columns) compared.push_back(column.path);
    m_parts.models.setCompared(std::move(compared));
    m_shown = std::move(shown);
    m_askedPrompt = m_prompt;
    ++m_shownRun;
    m_isBegun = true;
    m_isKept = false;
    m_isChosen = true;
    m_isShownPrivate = m_isPrivate;
    m_columns.show(std::move(columns), true);
    m_columns.update(m_live.columns());
    emit changed();
}

void CompareController::stop() { m_live.stop(); }

void CompareController::stopColumn(int column) {
    if (column >= 0) m_live.stopColumn(static_cast<std::size_t>(column));
    // Of one that waits nobody tells.
    if (isRunning()) m_columns.update(m_live.columns());
}

void CompareController::wake() {
    if (!m_timer.isActive()) m_timer.start(m_pace.untilNext());
}

void CompareController::deliver() {
    m_pace.begin();
    const bool wasRunning = isRunning();
    const int nBefore = promptTokens();
    if (m_live.advance() && wasRunning) m_columns.update(m_live.columns());
    if (promptTokens() != nBefore) emit changed();
    m_pace.end(wasRunning);
    if (wasRunning && !isRunning()) tellEnd();
}

void CompareController::tellEnd() {
    m_parts.models.holdRates(false);
    m_parts.models.setCompared({});
    QStringList sentences;
    for (int row = 0; row < m_columns.rowCount(); ++row) {
        const QModelIndex index = m_columns.index(row);
        QString said = m_columns.data(index, CompareColumnModel::ProblemRole).toString();
        if (said.isEmpty() && row > 0)
            said = m_columns.data(index, CompareColumnModel::FootRole).toString();
        if (!said.isEmpty())
            sentences.append(
                m_columns.data(index, CompareColumnModel::QuantizationRole).toString() +
                QStringLiteral(": ") + said);
    }
    m_announcement = sentences.join(QStringLiteral(". "));
    emit changed();
    if (hasAnswers()) emit finished();
}

// --- what is kept -------------------------------------------------------------------------------

ComparisonReport CompareController::report() const {
    ComparisonReport report = m_shown;
    report.columns = m_columns.columns();
    report.text.reset();
    for (ReportColumn& column : report.columns) column.loss.reset();
    const TextLoss* const losses = loss();
    if (losses == nullptr) return report;
    report.text = losses->text;
    for (ReportColumn& column : report.columns)
        if (const TextComparisonRow* row = losses->of(column)) column.loss = *row;
    return report;
}

const TextComparisonRow* CompareController::TextLoss::of(const ReportColumn& column) const {
    const auto found = rows.find(column.path);
    const bool isSame = found != rows.end() && found->second.fileBytes == column.fileBytes;
    return isSame ? &found->second.row : nullptr;
}

const CompareController::TextLoss* CompareController::loss() const {
    const std::vector<ReportColumn>& columns = m_columns.columns();
    const bool isOfThese = m_loss && !columns.empty() &&
                           columns.front().path == m_loss->referencePath &&
                           m_loss->of(columns.front()) != nullptr;
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
        if (m_loss && column.loss)
            m_loss->rows.emplace(column.path, FileLoss{column.fileBytes, *column.loss});
    m_columns.show(report.columns, true);
    emit choicesChanged();
    emit changed();
}

void CompareController::takeForced(int column, const ForcedReading& reading) {
    m_columns.takeForced(column, reading);
    emit grown();
}

void CompareController::copyMarkdown() { ComparisonExport::copyMarkdown(report()); }

void CompareController::saveTo(const QUrl& file) { m_export.saveTo(localPath(file), report()); }

void CompareController::savePicture(const QImage& result, const QColor& paper, const QColor& ink,
                                    const QFont& font, const QUrl& file) {
    if (result.isNull()) return tellNoPicture();
    m_export.savePicture(localPath(file),
                         comparisonPicture(result, m_askedPrompt, {paper, ink, font}));
}

}  // namespace sotto::app
