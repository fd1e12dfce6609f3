#include "app/workshop/budget_planner.h"

#include <QLocale>
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/bridge/error_text.h"
#include "app/jobs/window_job.h"
#include "app/system/number_format.h"

namespace sotto::app {
namespace {

constexpr int kBudgetLookMs = 250;  // as often as a person sees a bar move
constexpr double kGibibyte = 1024.0 * 1024.0 * 1024.0;
constexpr double kGigabyte = 1e9;
// More of any unit than a model has, and exact as bytes.
constexpr double kMost = 1e5;
// Just below Q4_K_S.
constexpr double kUsualBits = 4.5;

// Without groups, which a person would not type.
QString written(double value, int nDecimals) { return QString::number(value, 'f', nDecimals); }

}  // namespace

BudgetPlanner::BudgetPlanner(Parts parts, QObject* parent)
    : QObject(parent), m_parts(std::move(parts)), m_format(std::make_unique<NumberFormat>()) {
    m_format->followLanguage();
    m_watch.setInterval(kBudgetLookMs);
    connect(&m_watch, &QTimer::timeout, this, &BudgetPlanner::look);
    connect(&m_language, &LanguageWatch::changed, this, [this] {
        m_format->followLanguage();
        emit changed();
        emit progressed();
    });
}

BudgetPlanner::~BudgetPlanner() { m_parts.jobs.cancel(m_job); }

void BudgetPlanner::begin() {
    m_isTyped = m_isKindChosen = false;
    m_kind = Bits;
    m_offer = {};
    m_value = offered();
    forget();
}

void BudgetPlanner::forget() {
    stop();
    m_error.reset();
    m_plan.reset();
    m_isNoNumber = false;
    emit changed();
}

void BudgetPlanner::setOffer(const Offer& offer) {
    m_offer = offer;
    // What this computer holds, where that decides anything.
    if (!m_isKindChosen && !m_isTyped)
        m_kind = offer.isLargestFitting || offer.memoryBytes <= 0 ? Bits : Memory;
    if (!m_isTyped) m_value = offered();
    emit changed();
}

QString BudgetPlanner::offered() const {
    switch (m_kind) {
        case Memory:
            if (m_offer.memoryBytes > 0)
                return written(std::floor(m_offer.memoryBytes / kGibibyte * 10) / 10, 1);
            return written(8, 1);
        case FileSize: return written(m_offer.fileBytes > 0 ? m_offer.fileBytes / kGigabyte : 4, 2);
        case Bits: break;
    }
    return written(kUsualBits, 2);
}

void BudgetPlanner::setKind(Kind kind) {
    if (kind == m_kind) return;
    m_kind = kind;
    m_isKindChosen = true;
    m_isTyped = false;
    m_value = offered();
    forget();
}

void BudgetPlanner::setValue(const QString& value) {
    if (value == m_value) return;
    m_value = value;
    m_isTyped = true;
    forget();
}

QString BudgetPlanner::unit() const {
    switch (m_kind) {
        case Memory: return QStringLiteral("GiB");
        case FileSize: return QStringLiteral("GB");
        case Bits: break;
    }
    return tr("bits", "unit behind a number: bits per weight");
}

// As the language writes numbers, or with a point or a comma: a model has no thousands.
std::optional<double> BudgetPlanner::amount() const {
    QString text = m_value.trimmed();
    text.replace(QLatin1Char(','), QLatin1Char('.'));
    bool isNumber = false;
    const double value = QLocale::c().toDouble(text, &isNumber);
    if (!isNumber || !(value > 0) || value > kMost) return std::nullopt;
    return value;
}

void BudgetPlanner::plan() {
    forget();
    const auto wanted = amount();
    if (!wanted) {
        m_isNoNumber = true;
        emit changed();
        return;
    }
    QuantizeOrder order = m_parts.order();
    std::uint64_t memoryBytes = 0;
    switch (m_kind) {
        case Bits: order.budget.bitsPerWeight = *wanted; break;
        case FileSize:
            order.budget.fileBytes = static_cast<std::uint64_t>(*wanted * kGigabyte);
            break;
        case Memory: memoryBytes = static_cast<std::uint64_t>(*wanted * kGibibyte); break;
    }
    m_progress = {};
    m_watch.start();
    m_job = startForWindow(
        m_parts.jobs, this, shortCountJob("plan a target"),
        [order = std::move(order), setting = m_parts.setting(), memoryBytes](JobContext& context) {
            return planTarget(
                order, setting, memoryBytes, [&context](const QuantizeProgress& progress) {
                    context.setProgress({progress.doneBytes, progress.totalBytes, JobUnit::Bytes});
                    return !context.isCancelled();
                });
        },
        [this, number = ++m_nPlans](Result<MixPlan> plan) {
            if (number == m_nPlans && m_job != 0) take(std::move(plan));
        });
    emit changed();
    emit progressed();
}

void BudgetPlanner::stop() {
    if (m_job == 0) return;
    m_parts.jobs.cancel(std::exchange(m_job, 0));
    m_watch.stop();
    emit changed();
}

void BudgetPlanner::look() {
    if (const auto job = m_parts.jobs.job(m_job)) m_progress = job->progress;
    emit progressed();
}

void BudgetPlanner::take(Result<MixPlan> plan) {
    m_job = 0;
    m_watch.stop();
    if (!plan) {
        m_error = plan.error();
    } else {
        m_plan = *plan;
        if (!plan->isPointless) m_parts.take(std::move(*plan));
    }
    emit changed();
}

QString BudgetPlanner::progressText() const {
    if (m_job == 0) return {};
    if (m_progress.total == 0) return tr("Reading the source");
    return tr("Tries types on samples of the weights, %1")
        .arg(m_format->percent(shareOf(m_progress)));
}

QString BudgetPlanner::problem() const {
    if (m_isNoNumber)
        return tr("A target is a number above 0: type one such as %1.").arg(offered());
    if (m_plan && m_plan->isPointless)
        return tr("The source itself has only %1: choose a smaller target.")
            .arg(m_format->fileSize(static_cast<double>(m_plan->sourceBytes)));
    if (!m_error || m_error->code == ErrorCode::Cancelled) return {};
    const auto needed = static_cast<double>(m_error->needed);
    const auto available = static_cast<double>(m_error->available);
    if (m_error->code == ErrorCode::InvalidArgument && needed > 0)
        return tr("This model takes at least %1, and the target is a file of %2: choose a larger "
                  "one.")
            .arg(m_format->fileSize(needed), m_format->fileSize(available));
    if (m_error->code == ErrorCode::OutOfMemory && needed > 0 && m_kind == Memory)
        return tr("The context and its buffers alone take %1 of these %2: choose a shorter context "
                  "or a larger target.")
            .arg(m_format->memory(needed), m_format->memory(available));
    return errorText(*m_error);
}

QString BudgetPlanner::resultText() const {
    if (!m_plan || m_plan->isPointless) return {};
    return tr("%1, %2 bits per weight: it stands among the formats.")
        .arg(m_format->fileSize(static_cast<double>(m_plan->fileBytes)),
             m_format->fixed(m_plan->bitsPerWeight, 2));
}

}  // namespace sotto::app
