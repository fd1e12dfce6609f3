#include "app/chat/overflow_controller.h"

#include <algorithm>
#include <utility>

#include "app/bridge/engine_bridge.h"
#include "app/bridge/error_text.h"
#include "app/chat/asker.h"
#include "app/chat/chat_session.h"
#include "app/chat/chat_settings.h"
#include "app/chat/message_conversion.h"
#include "app/chat/sent_turns.h"
#include "app/jobs/window_job.h"
#include "app/models/model_controller.h"
#include "app/system/number_format.h"
#include "engine/api/window_shape.h"

namespace sotto::app {
namespace {

// What a template adds to a message and to a conversation at most, in tokens; where more is
// possible the prompt is counted.
constexpr std::int64_t kFrameTokens = 64;
constexpr std::int64_t kFirstTokens = 1024;

}  // namespace

OverflowController::OverflowController(Parts parts, QObject* parent)
    : QObject(parent), m_parts(std::move(parts)), m_format(std::make_unique<NumberFormat>()) {
    connect(&m_parts.settings, &ChatSettings::changed, this, &OverflowController::takeChange);
    connect(&m_parts.session, &ChatSession::pathChanged, this, &OverflowController::takeChange);
    connect(&m_parts.models, &ModelController::stateChanged, this, &OverflowController::takeModel);
    const auto followLanguage = [this] {
        m_format->followLanguage();
        emit changed();
    };
    connect(&m_language, &LanguageWatch::changed, this, followLanguage);
    followLanguage();
}

OverflowController::~OverflowController() {
    m_parts.jobs.cancel(m_planning);
    m_parts.jobs.cancel(m_counting);
}

std::int64_t OverflowController::longestAnswer(const std::vector<Message>& path) const {
    int nTokens = 0;
    for (const Message& message : sentPart(path, std::as_const(m_parts.settings).layer().dropped()))
        nTokens = std::max(nTokens, message.stats.tokens);
    return nTokens;
}

OverflowQuestion OverflowController::questionOf(const Waiting& waiting) const {
    const auto maxTokens = static_cast<std::int64_t>(
        std::as_const(m_parts.settings).sampling().valueOf(QStringLiteral("maxTokens")));
    OverflowQuestion question;
    question.engine = m_parts.engine.engine();
    question.chat = promptFor(waiting.path, m_parts.settings);
    question.chat.isContinuing = waiting.wish == Continuing;
    question.room = roomOf(m_parts.models.contextTokens(), longestAnswer(waiting.path), maxTokens);
    return question;
}

// No token is shorter than a byte.
bool OverflowController::isCertainToFit(const OverflowQuestion& question) const {
    std::int64_t nTokens = kFirstTokens;
    for (const ChatMessage& message : question.chat.messages)
        nTokens += kFrameTokens + std::ssize(message.content) + std::ssize(message.thinking);
    return !question.room.isOutgrownBy(nTokens);
}

bool OverflowController::isCountable() const {
    return m_parts.engine.engine() != nullptr && m_parts.models.state() == ModelController::Loaded;
}

// The path, but for its last message, which may be new, or what else the plan was made of.
bool OverflowController::isStale() const {
    const Waiting& waiting = *m_waiting;
    if (waiting.systemPrompt != m_parts.settings.systemPrompt() ||
        waiting.dropped != std::as_const(m_parts.settings).layer().dropped())
        return true;
    const std::size_t nKept = waiting.path.size() - 1;
    if (static_cast<std::size_t>(m_parts.session.count()) < nKept) return true;
    for (std::size_t row = 0; row < nKept; ++row)
        if (m_parts.session.at(static_cast<int>(row)).id != waiting.path[row].id) return true;
    return false;
}

// Whatever was chosen of it would be another thing: the words stay where they were typed.
void OverflowController::takeChange() {
    if (m_state != Closed && m_waiting && isStale()) forget();
    emit wayChanged();
}

bool OverflowController::isOthersWriting() const {
    const Engine* engine = m_parts.engine.engine();
    return engine != nullptr && engine->snapshot().isGenerating;
}

bool OverflowController::admit(Wish wish, std::vector<Message> path, std::function<void()> go) {
    if (m_state == Growing) return false;
    // What sinks forget is forgotten by the engine, and a model that is not here counts nothing.
    if (path.empty() || way() == Sinks || !isCountable()) {
        forget();
        go();
        return true;
    }
    return wait({wish, std::move(path), std::move(go)});
}

void OverflowController::offer(std::vector<Message> path, std::function<void()> go) {
    if (m_state == Closed && way() == Ask && isCountable())
        wait({Continuing, std::move(path), std::move(go), true});
}

bool OverflowController::wait(Waiting waiting) {
    OverflowQuestion question = questionOf(waiting);
    if (isCertainToFit(question)) {
        forget();
        if (!waiting.isOffer) waiting.go();
        return true;
    }
    question.trainedContext = m_parts.models.trainedContext();
    question.growth = m_parts.models.forecastSetting(m_parts.models.usedOptions());
    question.machine = m_parts.machine;
    m_room = question.room;
    m_longestAnswer = longestAnswer(waiting.path);
    waiting.systemPrompt = m_parts.settings.systemPrompt();
    waiting.dropped = std::as_const(m_parts.settings).layer().dropped();
    waiting.model = m_parts.models.path();
    m_waiting = std::move(waiting);
    m_plan.reset();
    m_problem.clear();
    m_parts.jobs.cancel(m_planning);
    setState(Looking);
    m_planning = startForWindow(
        m_parts.jobs, this, shortCountJob("plan a longer chat"),
        [question = std::move(question)](JobContext& context) {
            return planOverflow(question, *context.cancelFlag());
        },
        [this, number = ++m_number](Result<OverflowPlan> plan) {
            if (number == m_number && m_state == Looking) take(std::move(plan));
        });
    return true;
}

void OverflowController::forget() {
    m_parts.jobs.cancel(m_planning);
    m_waiting.reset();
    m_plan.reset();
    m_problem.clear();
    setState(Closed);
}

void OverflowController::dismiss() { forget(); }

void OverflowController::take(Result<OverflowPlan> plan) {
    // What cannot be counted is for the engine to refuse, in its own words.
    if (!plan || !plan->isOutgrown) return goUnlessOffered();
    m_plan = std::move(*plan);
    // A load ends what is being written: that is for a person to choose.
    if (!(way() == Grow && isOthersWriting()) && follow(way())) return;
    // The last question is all that there is, and is sent with what room it finds.
    if (way() == Drop && m_plan->drop && m_plan->promptTokens < m_room.contextTokens)
        return goUnlessOffered();
    for (const Way way : {Grow, Drop, Sinks}) {
        if (!isOffered(way)) continue;
        m_chosen = way;
        return setState(Asking);
    }
    // Nothing makes more room: what fits is sent, and the answer ends where the context does.
    if (m_plan->promptTokens < m_room.contextTokens) return goUnlessOffered();
    m_chosen = Drop;
    setState(Asking);
}

// False: the chat has no way, or it leads nowhere this time.
bool OverflowController::follow(Way way) {
    if (!isOffered(way)) return false;
    if (way == Drop) drop();
    if (way == Grow) grow();
    if (way == Sinks) go();
    return true;
}

void OverflowController::accept() {
    if (!canAccept()) return;
    // Growing is remembered when it has gone well.
    if (m_chosen != Grow) m_parts.settings.layer()->setOverflow(static_cast<OverflowWay>(m_chosen));
    follow(m_chosen);
}

void OverflowController::drop() {
    LayeredSettings& layer = *m_parts.settings.layer();
    std::vector<DroppedTurns> dropped =
        withDrop(m_waiting->path, layer.dropped(), m_parts.settings.systemPrompt(), *m_plan->drop);
    m_waiting->dropped = dropped;
    layer.setDropped(std::move(dropped));
    go();
}

void OverflowController::grow() {
    setState(Growing);
    if (m_parts.models.loadWith(m_parts.models.path(), m_plan->growth.load)) return;
    m_problem = m_parts.models.refusal();
    m_plan->growth.contextTokens = 0;
    setState(Asking);
}

void OverflowController::takeModel() {
    emit changed();
    // What waited to be counted is asked as it is: it waits for this load like any question.
    if (m_state == Looking && m_parts.models.state() != ModelController::Loaded)
        return goUnlessOffered();
    if (m_state == Asking && m_parts.models.state() != ModelController::Loaded) return forget();
    if (m_state != Growing || m_parts.models.state() == ModelController::Loading) return;
    // Somebody chose another one meanwhile.
    if (m_parts.models.path() != m_waiting->model) return forget();
    const bool isLoaded = m_parts.models.state() == ModelController::Loaded;
    const std::int64_t nContext = m_parts.models.contextTokens();
    if (isLoaded && nContext > m_room.contextTokens &&
        m_plan->promptTokens + leastAnswerRoom(m_room.contextTokens) <= nContext) {
        m_parts.settings.layer()->setOverflow(OverflowWay::Grow);
        return go();
    }
    m_problem = isLoaded ? m_parts.models.refusal() : m_parts.models.errorText();
    if (m_problem.isEmpty()) m_problem = tr("It did not grow: the load was stopped.");
    m_plan->growth.contextTokens = 0;
    m_chosen = isOffered(Drop) ? Drop : Sinks;
    setState(Asking);
}

void OverflowController::go() {
    const std::function<void()> go = m_waiting ? std::move(m_waiting->go) : nullptr;
    forget();
    if (go) go();
}

// An answer that nobody asked to carry on stays as it is.
void OverflowController::goUnlessOffered() {
    if (m_waiting && m_waiting->isOffer) return forget();
    go();
}

void OverflowController::setState(State state) {
    m_state = state;
    emit changed();
}

void OverflowController::choose(Way way) {
    if (way == m_chosen || !isOffered(way)) return;
    m_chosen = way;
    emit changed();
}

void OverflowController::chooseNext(int step) {
    for (int way = m_chosen + step; way >= Grow && way <= Sinks; way += step) {
        if (isOffered(static_cast<Way>(way))) return choose(static_cast<Way>(way));
    }
}

bool OverflowController::isOffered(Way way) const {
    if (!m_plan) return false;
    switch (way) {
        case Grow: return m_plan->growth.contextTokens > 0;
        case Drop: return m_plan->drop && !m_plan->drop->isNone();
        case Sinks: return windowShape(m_room.contextTokens).isUsable();
        case Ask: break;
    }
    return false;
}

OverflowController::Way OverflowController::way() const {
    return static_cast<Way>(std::as_const(m_parts.settings).layer().overflow());
}

void OverflowController::setWay(Way way) {
    if (way != this->way()) m_parts.settings.layer()->setOverflow(static_cast<OverflowWay>(way));
}

int OverflowController::droppedTokens() const {
    const LeftOut leftOut =
        leftOutOf(m_parts.session.pathIds(), std::as_const(m_parts.settings).layer().dropped());
    return static_cast<int>(leftOut.nTokens);
}

int OverflowController::longestContext() const {
    return static_cast<int>(m_parts.models.trainedContext());
}

// Whoever takes turns back wants them sent: they do not go again without being asked.
void OverflowController::takeBack() {
    LayeredSettings& layer = *m_parts.settings.layer();
    const ChatSession& session = m_parts.session;
    layer.setDropped(withoutDrops(session.pathUntil(session.count()), layer.dropped()));
    if (way() == Drop) setWay(Ask);
}

void OverflowController::look() {
    m_parts.jobs.cancel(m_counting);
    const Engine* engine = m_parts.engine.engine();
    const ChatSession& session = m_parts.session;
    if (engine == nullptr || m_parts.models.state() != ModelController::Loaded) return;
    ChatPrompt chat = promptFor(session.pathUntil(session.count()), m_parts.settings);
    if (chat.messages.empty()) {
        m_systemTokens = m_messageTokens = 0;
        emit counted();
        return;
    }
    m_counting = startForWindow(
        m_parts.jobs, this, shortCountJob("count parts of a chat"),
        [engine, chat = std::move(chat)](JobContext&) -> Result<std::pair<int, int>> {
            SOTTO_ASSIGN(const PromptDescription prompt, engine->describePrompt(chat));
            std::pair<int, int> tokens;
            for (const SentMessage& message : sentMessages(chat, prompt))
                (message.role == Role::System ? tokens.first : tokens.second) +=
                    static_cast<int>(message.nTokens);
            return tokens;
        },
        [this](const Result<std::pair<int, int>>& tokens) {
            if (!tokens) return;
            std::tie(m_systemTokens, m_messageTokens) = *tokens;
            emit counted();
        });
}

QString OverflowController::sentence() const {
    if (!m_plan || !m_waiting) return {};
    const QString used = m_format->count(static_cast<double>(m_plan->promptTokens));
    const QString context = m_format->count(static_cast<double>(m_room.contextTokens));
    const std::int64_t nLeft = m_room.contextTokens - m_plan->promptTokens;
    if (nLeft <= 0)
        return tr("It needs %1 tokens, and the context of the model has %2.").arg(used, context);
    const QString left = m_format->count(static_cast<double>(nLeft));
    if (m_waiting->wish == Continuing)
        return tr("With its last answer it holds %1 of %2 tokens. %3 are left.")
            .arg(used, context, left);
    if (m_longestAnswer == 0)
        return tr("With your message it holds %1 of %2 tokens. %3 are left.")
            .arg(used, context, left);
    return tr("With your message it holds %1 of %2 tokens. %3 are left; answers here took up to "
              "%4.")
        .arg(used, context, left, m_format->count(static_cast<double>(m_longestAnswer)));
}

QVariantList OverflowController::choices() const {
    if (!m_plan || !m_waiting) return {};
    return {growChoice(), dropChoice(), sinksChoice()};
}

QVariantMap OverflowController::growChoice() const {
    const GrowthPlan& growth = m_plan->growth;
    QVariantMap choice{{QStringLiteral("way"), static_cast<int>(Grow)},
                       {QStringLiteral("isOffered"), false}};
    const QString longest = m_format->count(static_cast<double>(m_parts.models.trainedContext()));
    if (growth.contextTokens == 0) {
        choice[QStringLiteral("title")] = tr("Grow");
        choice[QStringLiteral("text")] =
            growth.refusal ? errorText(*growth.refusal)
            : m_problem.isEmpty()
                ? tr("The model was made for a context of %1 tokens and no more.").arg(longest)
                : m_problem;
        return choice;
    }
    const ModelInfo& info = growth.forecast->plan.info;
    choice[QStringLiteral("isOffered")] = true;
    choice[QStringLiteral("title")] =
        tr("Grow to %1 tokens").arg(m_format->count(static_cast<double>(growth.contextTokens)));
    const QString text =
        isOthersWriting()
            ? tr("Everything stays. KV cache %1 to %2; the model is loaded again, which ends what "
                 "it is writing.")
            : tr("Everything stays. KV cache %1 to %2; the model is loaded again.");
    choice[QStringLiteral("text")] =
        text.arg(m_format->memory(static_cast<double>(m_parts.models.kvBytes())),
                 m_format->memory(static_cast<double>(info.memory.kv)));
    const bool isOnCard = info.cardMemory.total() > 0;
    const MemoryRoom& room = isOnCard ? growth.forecast->card : growth.forecast->processor;
    const MemoryEstimate& memory = isOnCard ? info.cardMemory : info.memory;
    const auto bytes = [](std::uint64_t number) { return static_cast<double>(number); };
    choice[QStringLiteral("weights")] = bytes(memory.weights);
    choice[QStringLiteral("kv")] = bytes(memory.kv);
    choice[QStringLiteral("scratch")] = bytes(memory.scratch);
    choice[QStringLiteral("others")] = bytes(room.ofOthers);
    choice[QStringLiteral("limit")] = bytes(room.ofOthers + room.available);
    constexpr double kGib = 1 << 30;
    const double held = bytes(room.ofOthers + memory.total());
    const double limitBytes = bytes(room.ofOthers + room.available);
    const QString used =
        limitBytes < kGib ? m_format->memory(held) : m_format->fixed(held / kGib, 1);
    const QString limit = m_format->memory(limitBytes);
    choice[QStringLiteral("note")] =
        isOnCard ? tr("VRAM %1 of %2").arg(used, limit) : tr("RAM %1 of %2").arg(used, limit);
    const auto speed = [&](const ModelSpeed& forecast) {
        return staysInCache(info) ? 0.0
                                  : m_parts.models.corrected(info, m_parts.models.path(), forecast);
    };
    if (const double now = speed(growth.speedNow); now > 0) {
        choice[QStringLiteral("figure")] = tr("%1 tok/s").arg(m_format->prediction(now));
        choice[QStringLiteral("figureNote")] =
            tr("%1 when full").arg(m_format->prediction(speed(growth.speedFull)));
    }
    return choice;
}

QVariantMap OverflowController::dropChoice() const {
    QVariantMap choice{
        {QStringLiteral("way"), static_cast<int>(Drop)},
        {QStringLiteral("isOffered"), isOffered(Drop)},
        {QStringLiteral("title"), tr("Drop the oldest turns, keep the system prompt")}};
    if (!isOffered(Drop)) {
        choice[QStringLiteral("text")] = m_plan->drop
                                             ? tr("There is no earlier turn that could be dropped.")
                                             : tr("The last question alone does not fit. Shorten "
                                                  "it, or use a longer context.");
        return choice;
    }
    const TurnDrop& drop = *m_plan->drop;
    const std::vector<DroppedTurns>& dropped = std::as_const(m_parts.settings).layer().dropped();
    const PathPrompt sent =
        toPathPrompt(sentPart(m_waiting->path, dropped), m_parts.settings.systemPrompt());
    const std::size_t nOfSent = drop.firstSent < sent.rows.size() ? sent.rows[drop.firstSent] : 0;
    const std::size_t nMessages = leftOutOf(m_waiting->path, dropped).nMessages + nOfSent;
    choice[QStringLiteral("text")] =
        tr("Messages 1 to %1, %2 tokens, are not sent any more. They stay here to read.")
            .arg(m_format->count(static_cast<double>(nMessages)),
                 m_format->count(static_cast<double>(drop.nDropped)));
    choice[QStringLiteral("note")] =
        tr("sends %1 tokens").arg(m_format->count(static_cast<double>(drop.nSent)));
    choice[QStringLiteral("kept")] = static_cast<double>(m_plan->systemTokens);
    choice[QStringLiteral("gone")] = static_cast<double>(drop.nDropped);
    choice[QStringLiteral("rest")] = static_cast<double>(drop.nSent - m_plan->systemTokens);
    const std::optional<ModelForecast>& forecast = m_plan->growth.forecast;
    if (forecast && forecast->basis == SpeedBasis::Rates &&
        forecast->speed.prefillTokensPerSecond > 0) {
        const double seconds = static_cast<double>(drop.nSent - m_plan->systemTokens) /
                               forecast->speed.prefillTokensPerSecond;
        choice[QStringLiteral("figure")] = tr("≈ %1").arg(m_format->duration(seconds));
        choice[QStringLiteral("figureNote")] = tr("to read the rest again");
    }
    return choice;
}

QVariantMap OverflowController::sinksChoice() const {
    const WindowShape window = windowShape(m_room.contextTokens, m_plan->systemTokens);
    const std::int64_t nRest =
        std::max<std::int64_t>(0, m_plan->promptTokens - window.sinkTokens - window.stepTokens);
    const QString kept = m_format->count(static_cast<double>(window.sinkTokens));
    return {
        {QStringLiteral("way"), static_cast<int>(Sinks)},
        {QStringLiteral("isOffered"), isOffered(Sinks)},
        {QStringLiteral("title"), tr("Slide, with sinks")},
        {QStringLiteral("text"),
         tr("The first %1 tokens stay, the rest slides. The model forgets the middle.").arg(kept)},
        {QStringLiteral("note"), tr("first %1, then the newest").arg(kept)},
        {QStringLiteral("kept"), static_cast<double>(window.sinkTokens)},
        {QStringLiteral("gone"), static_cast<double>(window.stepTokens)},
        {QStringLiteral("rest"), static_cast<double>(nRest)}};
}

QString OverflowController::acceptText() const {
    const Wish wish = m_waiting ? m_waiting->wish : Sending;
    switch (m_chosen) {
        case Drop:
            return wish == Sending      ? tr("Drop and send")
                   : wish == Continuing ? tr("Drop and continue")
                                        : tr("Drop and write");
        case Sinks:
            return wish == Sending      ? tr("Slide and send")
                   : wish == Continuing ? tr("Slide and continue")
                                        : tr("Slide and write");
        default:
            return wish == Sending      ? tr("Grow and send")
                   : wish == Continuing ? tr("Grow and continue")
                                        : tr("Grow and write");
    }
}

}  // namespace sotto::app
