#include "app/compare/forced_answers.h"

#include "app/compare/compare_controller.h"
#include "app/models/model_controller.h"
#include "app/system/number_format.h"
#include "engine/api/compare_answer.h"

namespace sotto::app {
namespace {

// In the job: the reference reads its own answer, then the model does.
Result<ForcedReading> readForced(const EngineOptions& engine, const std::vector<LoadOptions>& loads,
                                 const AnswerToCompare& answer, JobContext& context) {
    const std::uint64_t nTokens = answer.answer.size();
    SOTTO_ASSIGN(const auto rows,
                 compareAnswer(engine, loads, answer,
                               [&](std::size_t model, std::size_t position, const AnswerToken*) {
                                   context.setProgress({model * nTokens + position,
                                                        nTokens * loads.size(), JobUnit::None});
                                   return !context.isCancelled();
                               }));
    return forcedReading(rows[0], rows[1]);
}

}  // namespace

ForcedAnswers::ForcedAnswers(const ReadingJob::Parts& parts, QObject* parent)
    : QObject(parent), m_parts(parts), m_format(std::make_unique<NumberFormat>()), m_job(parts) {
    m_format->followLanguage();
    connect(&m_job, &ReadingJob::progressed, this, &ForcedAnswers::progressed);
    connect(&m_language, &LanguageWatch::changed, this, [this] {
        m_format->followLanguage();
        emit changed();
        emit progressed();
    });
    connect(&m_job, &ReadingJob::ended, this, &ForcedAnswers::changed);
    connect(&m_parts.compare, &CompareController::changed, this, &ForcedAnswers::changed);
}

ForcedAnswers::~ForcedAnswers() = default;

int ForcedAnswers::column() const { return m_job.isRunningHere() ? m_column : -1; }

bool ForcedAnswers::canAsk() const {
    const auto& columns = m_parts.compare.columns()->columns();
    return m_job.canStart() && m_parts.compare.hasAnswers() &&
           !columns.front().result.answer.tokens.empty();
}

void ForcedAnswers::ask(int column) {
    const auto& columns = m_parts.compare.columns()->columns();
    if (!canAsk() || column < 1 || column >= std::ssize(columns)) return;
    const ReportColumn& asked = columns[static_cast<std::size_t>(column)];
    std::vector<LoadOptions> loads;
    for (const std::string& path : {columns.front().path, asked.path})
        loads.push_back(m_parts.models.loadOptions(QString::fromStdString(path)));
    AnswerToCompare answer;
    ChatPrompt prompt;
    prompt.messages.push_back({Role::User, m_parts.compare.report().prompt, {}});
    answer.prompt = std::move(prompt);
    for (const WrittenToken& token : columns.front().result.answer.tokens)
        answer.answer.push_back(token.id);
    m_column = column;
    m_job.start(
        {columns.front().quantization, asked.quantization},
        [engine = m_job.engine(), loads = std::move(loads), answer = std::move(answer)](
            JobContext& context) { return readForced(engine, loads, answer, context); },
        [this, column](const ForcedReading& reading) {
            m_parts.compare.takeForced(column, reading);
        });
    emit changed();
}

void ForcedAnswers::dismissProblem() {
    m_job.dropProblem();
    emit changed();
}

QString ForcedAnswers::progressText() const { return m_job.progressText(*m_format); }

QString ForcedAnswers::problem() const { return m_job.problem(); }

}  // namespace sotto::app
