#include "app/core/compare/live_comparison.h"

#include <atomic>
#include <mutex>
#include <utility>

namespace sotto::app {
namespace {

// As many as are asked for of each token: the sampled one is among them with its text, and the
// reference's choice most often too.
constexpr std::int32_t kAlternatives = 5;

bool isCancelled(const Error& error) { return error.code == ErrorCode::Cancelled; }

void addToken(WrittenAnswer& answer, const TokenSampled& sampled) {
    WrittenToken token = writtenToken(sampled);
    token.text = {answer.text.size(), answer.text.size()};
    answer.tokens.push_back(std::move(token));
}

}  // namespace

struct LiveComparison::Told {
    std::uint64_t turn = 0;
    std::variant<ModelEvent, EngineEvent> event;
};

class LiveComparison::Mailbox {
public:
    explicit Mailbox(std::function<void()> wake) : m_wake(std::move(wake)) {}

    void close() {
        const std::lock_guard lock(m_mutex);
        m_wake = {};
    }
    void push(Told told) {
        const std::lock_guard lock(m_mutex);
        m_told.push_back(std::move(told));
        if (m_told.size() == 1 && m_wake) m_wake();
    }
    std::vector<Told> take() {
        const std::lock_guard lock(m_mutex);
        return std::exchange(m_told, {});
    }

    std::atomic<bool> isRunning = false;

private:
    std::mutex m_mutex;
    std::function<void()> m_wake;  // guarded by m_mutex
    std::vector<Told> m_told;      // guarded by m_mutex
};

double speedLimit(const ComparedColumn& column) {
    const double bytes = column.stats.bytesPerStep;
    return bytes > 0 ? column.readBandwidthGbS * 1e9 / bytes : 0;
}

double readSpeedGbS(const ComparedColumn& column) {
    const double ms = column.stats.tpotMeanMs;
    return ms > 0 ? column.stats.bytesPerStep / ms / 1e6 : 0;
}

AnswerDifference differenceOf(const ComparedColumn& reference, const ComparedColumn& compared) {
    const bool isSame = reference.info && compared.info &&
                        reference.info->tokenizer == compared.info->tokenizer &&
                        reference.info->nVocab == compared.info->nVocab;
    return compareAnswers(reference.answer, compared.answer, isSame);
}

LiveComparison::LiveComparison(EngineHub& hub, std::function<void()> wake)
    : m_hub(hub), m_mailbox(std::make_shared<Mailbox>(std::move(wake))) {}

LiveComparison::~LiveComparison() {
    m_mailbox->close();
    m_mailbox->isRunning = false;
    m_hub.release(m_handle);
}

Status LiveComparison::start(ComparisonOrder order) {
    if (m_isRunning) return fail(ErrorCode::Busy, "A comparison is under way. Stop it first.");
    if (order.prompt.empty())
        return fail(ErrorCode::InvalidArgument, "There is nothing to ask: write a prompt.");
    if (order.columns.size() < 2 || order.columns.size() > kMostCompared)
        return fail(ErrorCode::InvalidArgument, "Two or three models are compared: choose them.");
    std::vector<ComparedColumn> columns;
    for (const LoadOptions& load : order.columns) columns.emplace_back().load = load;
    std::swap(m_columns, columns);
    m_current = 0;
    if (const Status begun = beginColumn(); !begun) {
        const Error& error = begun.error();
        std::swap(m_columns, columns);
        return fail(error);
    }
    m_order = std::move(order);
    m_isRunning = true;
    m_mailbox->isRunning = true;
    return {};
}

// The hub refuses for the engine's sake alone; what is wrong with the file comes as LoadFailed.
Status LiveComparison::beginColumn() {
    ModelUser user;
    user.name = "the comparison";
    user.isAlone = true;
    user.mayRelease = [mailbox = m_mailbox] { return !mailbox->isRunning; };
    const std::uint64_t turn = ++m_turn;
    user.onEvent = [mailbox = m_mailbox, turn](ModelHandle, const ModelEvent& event) {
        mailbox->push({turn, event});
    };
    m_request.reset();
    m_isStopWanted = false;
    m_lastKind = TextKind::Answer;
    m_sumOfWatts = 0;
    m_nWatts = 0;
    // Let go before, so that a column's memory is planned without the one before it.
    m_hub.release(std::exchange(m_handle, {}));
    SOTTO_ASSIGN(m_handle, m_hub.acquire(current().load, std::move(user)));
    current().state = ColumnState::Loading;
    return {};
}

void LiveComparison::goOn() {
    while (m_current + 1 < m_columns.size()) {
        ++m_current;
        if (current().state != ColumnState::Waiting) continue;
        const Status begun = beginColumn();
        if (begun) return;
        current().error = begun.error();
        current().state = ColumnState::Failed;
    }
    ++m_turn;
    m_isRunning = false;
    m_mailbox->isRunning = false;
    m_hub.release(std::exchange(m_handle, {}));
}

void LiveComparison::endColumn(ColumnState state) {
    current().state = state;
    current().answer.isOver = true;
    m_request.reset();
    goOn();
}

void LiveComparison::stop() {
    if (!m_isRunning) return;
    for (std::size_t column = m_current + 1; column < m_columns.size(); ++column)
        stopColumn(column);
    stopColumn(m_current);
}

// Of the one at work the engine tells the end.
void LiveComparison::stopColumn(std::size_t column) {
    if (!m_isRunning || column >= m_columns.size()) return;
    if (column != m_current) {
        if (m_columns[column].state == ColumnState::Waiting)
            m_columns[column].state = ColumnState::Stopped;
        return;
    }
    m_isStopWanted = true;
    if (m_request)
        m_hub.cancel(*m_request);
    else
        m_hub.cancelLoad(m_handle);
}

bool LiveComparison::advance() {
    const std::vector<Told> all = m_mailbox->take();
    for (const Told& told : all) take(told);
    if (m_isRunning && current().state == ColumnState::Writing) measure();
    return !all.empty();
}

void LiveComparison::take(const Told& told) {
    if (told.turn != m_turn || !m_isRunning) return;
    std::visit([this](const auto& event) { take(event); }, told.event);
}

void LiveComparison::take(const ModelEvent& event) {
    if (const auto* progress = std::get_if<LoadProgress>(&event)) {
        current().progress = progress->fraction;
    } else if (const auto* loaded = std::get_if<ModelLoaded>(&event)) {
        current().info = loaded->info;
        if (m_isStopWanted) return endColumn(ColumnState::Stopped);
        ask();
    } else if (const auto* failed = std::get_if<LoadFailed>(&event)) {
        m_handle = {};
        if (!isCancelled(failed->error)) current().error = failed->error;
        endColumn(isCancelled(failed->error) ? ColumnState::Stopped : ColumnState::Failed);
    } else {
        // Its device has failed; what was in work has told so before.
        m_handle = {};
        if (m_request) return;
        current().error = Error{ErrorCode::DeviceFailed,
                                "The model was unloaded while it was needed. Run it again."};
        endColumn(ColumnState::Failed);
    }
}

void LiveComparison::ask() {
    GenerationRequest request;
    ChatPrompt prompt;
    prompt.messages.push_back({Role::User, m_order.prompt, {}});
    request.prompt = std::move(prompt);
    request.sampling = m_order.sampling;
    request.sampling.nAlternatives = kAlternatives;
    request.maxTokens = m_order.maxTokens;
    current().state = ColumnState::Reading;
    current().progress = 0;
    const auto asked = m_hub.submit(m_handle, std::move(request),
                                    [mailbox = m_mailbox, turn = m_turn](const EngineEvent& event) {
                                        mailbox->push({turn, event});
                                    });
    if (asked) {
        m_request = *asked;
        return;
    }
    current().error = asked.error();
    endColumn(ColumnState::Failed);
}

void LiveComparison::take(const EngineEvent& event) {
    ComparedColumn& column = current();
    if (const auto* progress = std::get_if<PromptProgress>(&event)) {
        if (progress->promptTokens > 0)
            column.progress = static_cast<double>(progress->processedTokens) /
                              static_cast<double>(progress->promptTokens);
        column.stats.promptTokens = progress->promptTokens;
    } else if (const auto* sampled = std::get_if<TokenSampled>(&event)) {
        column.state = ColumnState::Writing;
        addToken(column.answer, *sampled);
        column.stats.generatedTokens = static_cast<std::int64_t>(column.answer.tokens.size());
    } else if (const auto* text = std::get_if<AnswerText>(&event)) {
        addText(*text);
    } else if (std::holds_alternative<AnswerWasThinking>(event)) {
        column.answer.thinking = {{0, column.answer.text.size()}};
        m_lastKind = TextKind::Thinking;
    } else if (const auto* finished = std::get_if<GenerationFinished>(&event)) {
        measure();
        column.stats = finished->stats;
        if (m_nWatts > 0)
            column.joulesPerToken = m_sumOfWatts / m_nWatts * column.stats.tpotMeanMs / 1000;
        column.end = finished->reason;
        column.answer.isEnded = finished->reason == StopReason::EndOfText;
        endColumn(finished->reason == StopReason::Cancelled ? ColumnState::Stopped
                                                            : ColumnState::Done);
    } else if (const auto* failed = std::get_if<GenerationFailed>(&event)) {
        if (!isCancelled(failed->error)) column.error = failed->error;
        endColumn(isCancelled(failed->error) ? ColumnState::Stopped : ColumnState::Failed);
    }
}

void LiveComparison::addText(const AnswerText& text) {
    WrittenAnswer& answer = current().answer;
    if (text.kind != m_lastKind && !answer.text.empty()) answer.text += "\n\n";
    m_lastKind = text.kind;
    const std::size_t begin = answer.text.size();
    answer.text += text.text;
    if (text.kind == TextKind::Thinking) {
        if (!answer.thinking.empty() && answer.thinking.back().end == begin)
            answer.thinking.back().end = answer.text.size();
        else
            answer.thinking.push_back({begin, answer.text.size()});
    }
    if (answer.tokens.empty()) return;
    TextSpan& span = answer.tokens.back().text;
    if (span.begin == span.end) span.begin = begin;
    span.end = answer.text.size();
}

void LiveComparison::measure() {
    const Engine* engine = m_hub.engine();
    if (engine == nullptr || !m_request) return;
    const EngineSnapshot snapshot = engine->snapshot();
    ComparedColumn& column = current();
    column.readBandwidthGbS = snapshot.readBandwidthGbS;
    if (snapshot.answerRequest != *m_request) return;
    const auto nTokens = column.stats.generatedTokens;
    column.stats = snapshot.answer;
    column.stats.generatedTokens = nTokens;
    if (snapshot.device.powerWatts <= 0) return;
    m_sumOfWatts += snapshot.device.powerWatts;
    ++m_nWatts;
}

}  // namespace sotto::app
