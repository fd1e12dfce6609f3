#include "engine/api/load_benchmark.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "base/guarded.h"
#include "base/queue.h"
#include "engine/api/engine.h"
#include "engine/api/tokenizer.h"
#include "engine/kvcache/kv_cache.h"
#include "engine/schedule/memory_plan.h"

namespace sotto {
namespace {

using LoadClock = std::chrono::steady_clock;
// How long a cancel may go unseen.
constexpr std::chrono::milliseconds kPatience{50};
// Tokens of an answer before the intruder comes: 32 gaps, enough for percentiles in one round.
constexpr std::int64_t kQuietTokens = kQuietAnswerTokens / 2;

float milliseconds(LoadClock::duration duration) {
    return std::chrono::duration<float, std::milli>(duration).count();
}

struct TimedEvent {
    LoadClock::time_point at;  // when it was told
    double kvUse = 0;          // of a token: the cache's use before the step that made it
    EngineEvent event;
};

double kvUseOf(const EngineSnapshot& snapshot) {
    return snapshot.kvBlocksTotal > 0
               ? double(snapshot.kvBlocksUsed) / double(snapshot.kvBlocksTotal)
               : 0;
}

// One request as its user sees it.
struct Client {
    LoadClock::time_point arrived;
    std::vector<LoadClock::time_point> tokens;  // when each was told
    bool isEnded = false;
};

class LoadTest {
public:
    LoadTest(const LoadTestOptions& options, const ProgressSink& progress)
        : m_options(options), m_spec(options.spec), m_progress(progress) {}

    Result<LoadReport> run() {
        SOTTO_TRY(open());
        SOTTO_TRY(warmUp());
        return m_spec.intruderTokens > 0 ? playIntruders() : playArrivals();
    }

private:
    Status open() {
        LoadTestOptions wanted = m_options;
        if (wanted.model.contextTokens == 0)
            wanted.model.contextTokens = m_spec.contextTokens(kBlockTokens);
        wanted.engine.isMeasuringBandwidth = false;
        wanted.engine.isKeepingPrefixes = false;  // each of its prompts is a stranger's
        SOTTO_ASSIGN(m_engine, createEngine(wanted.engine, [this](const EngineEvent& event) {
                         TimedEvent timed{.at = LoadClock::now(), .event = event};
                         if (std::holds_alternative<TokenSampled>(event))
                             timed.kvUse = kvUseOf(m_running->snapshot());
                         m_mailbox.push(std::move(timed));
                     }));
        m_running = m_engine.get();
        m_engine->load(wanted.model);
        while (true) {
            if (!isContinuing()) m_engine->cancelLoad();
            const auto told = m_mailbox.popUntil(LoadClock::now() + kPatience);
            if (!told) continue;
            if (const auto* failed = std::get_if<LoadFailed>(&told->event))
                return fail(failed->error);
            const auto* loaded = std::get_if<ModelLoaded>(&told->event);
            if (loaded == nullptr) continue;
            m_report.modelName = loaded->info.name;
            m_report.deviceName = loaded->info.device;
            m_report.deviceNote = loaded->info.deviceNote;
            m_report.contextTokens = loaded->info.contextTokens;
            findOrdinaryTokens(loaded->info.nVocab);
            SOTTO_TRY(checkContext());
            return checkStreams();
        }
    }

    // All that a text may hold; every id where the file has no vocabulary that is known.
    void findOrdinaryTokens(std::int64_t nVocab) {
        const auto tokenizer = loadTokenizer(m_options.model.path);
        for (std::int32_t id = 0; id < nVocab; ++id)
            if (!tokenizer || (id < (*tokenizer)->size() && !(*tokenizer)->isControl(id) &&
                               !(*tokenizer)->isEndOfGeneration(id)))
                m_ordinary.push_back(id);
        if (m_ordinary.empty()) m_ordinary.push_back(0);
    }

    Status checkContext() const {
        const std::int64_t needed =
            std::max(m_spec.promptTokens + m_spec.answerTokens, m_spec.intruderTokens + 1);
        if (needed <= m_report.contextTokens) return {};
        Error error{ErrorCode::ContextFull,
                    fmt::format("One request of this load needs a context of {} tokens and the "
                                "model has {}; choose a shorter prompt or answer.",
                                needed, m_report.contextTokens)};
        error.needed = static_cast<std::uint64_t>(needed);
        error.available = static_cast<std::uint64_t>(m_report.contextTokens);
        return fail(std::move(error));
    }

    Status checkStreams() {
        m_report.streams = streamsAtOnce(m_spec, {.contextTokens = m_report.contextTokens,
                                                  .blockTokens = kBlockTokens,
                                                  .maxSequences = kMaxSequences});
        if (m_spec.intruderTokens == 0 || m_report.streams.note.empty()) return {};
        const std::int64_t most = m_report.streams.most;
        return fail(ErrorCode::InvalidArgument,
                    m_report.streams.note + (most > 0 ? fmt::format(" Choose streams={}.", most)
                                                      : " Choose shorter prompts and answers."));
    }

    // Brings weights and threads to life.
    Status warmUp() {
        constexpr std::int64_t kTokens = 4;
        Client client;
        submit(client, kTokens, std::min<std::int64_t>(kTokens, m_spec.answerTokens));
        while (!client.isEnded) SOTTO_TRY(hear(LoadClock::now() + kPatience));
        m_nDone = 0;
        m_report.kvUse = 0;
        return {};
    }

    Result<LoadReport> playArrivals() {
        m_nTotal = m_spec.nRequests * m_spec.answerTokens;
        std::vector<Client> clients(static_cast<std::size_t>(m_spec.nRequests));
        const std::vector<double> arrivals = arrivalSeconds(m_spec);
        const LoadClock::time_point start = LoadClock::now();
        for (std::size_t index = 0; index < clients.size(); ++index)
            clients[index].arrived = start + std::chrono::duration_cast<LoadClock::duration>(
                                                 std::chrono::duration<double>(arrivals[index]));
        // In order of arrival, also behind the streams.
        std::size_t next = 0;
        while (next < clients.size() || !m_inFlight.empty()) {
            const bool isFull = m_inFlight.size() >= static_cast<std::size_t>(m_spec.nStreams);
            LoadClock::time_point end = LoadClock::now() + kPatience;
            if (next < clients.size() && !isFull) {
                if (clients[next].arrived <= LoadClock::now()) {
                    submit(clients[next++], m_spec.promptTokens, m_spec.answerTokens);
                    continue;
                }
                end = std::min(end, clients[next].arrived);
            }
            SOTTO_TRY(hear(end));
        }
        sumUp(clients, start);
        return std::move(m_report);
    }

    void sumUp(const std::vector<Client>& clients, LoadClock::time_point start) {
        std::vector<float> ttft, tpot, endToEnd, gaps;
        LoadClock::time_point last = start;
        for (const Client& client : clients) {
            const auto& tokens = client.tokens;
            ttft.push_back(milliseconds(tokens.front() - client.arrived));
            endToEnd.push_back(milliseconds(tokens.back() - client.arrived));
            if (tokens.size() > 1)
                tpot.push_back(milliseconds(tokens.back() - tokens.front()) /
                               float(tokens.size() - 1));
            for (std::size_t index = 1; index < tokens.size(); ++index)
                gaps.push_back(milliseconds(tokens[index] - tokens[index - 1]));
            last = std::max(last, tokens.back());
        }
        // A clock that did not move between two events is no infinite speed.
        constexpr double kShortest = 1e-9;
        m_report.seconds = std::max(kShortest, std::chrono::duration<double>(last - start).count());
        m_report.tokensPerSecond = double(m_nDone) / m_report.seconds;
        m_report.promptTokensPerSecond =
            double(m_spec.nRequests) * double(m_spec.promptTokens) / m_report.seconds;
        m_report.requestsPerSecond = double(clients.size()) / m_report.seconds;
        m_report.ttft = timeSpread(std::move(ttft));
        m_report.tpot = timeSpread(std::move(tpot));
        m_report.endToEnd = timeSpread(std::move(endToEnd));
        m_report.gaps = timeSpread(std::move(gaps));
    }

    Result<LoadReport> playIntruders() {
        m_nTotal = m_spec.nRequests * m_spec.nStreams * m_spec.answerTokens;
        std::vector<float> quiet, disturbed, ttft;
        const LoadClock::time_point start = LoadClock::now();
        for (std::int64_t round = 0; round < m_spec.nRequests; ++round)
            SOTTO_TRY(playIntruder(quiet, disturbed, ttft));
        m_report.seconds = std::chrono::duration<double>(LoadClock::now() - start).count();
        IntruderReport intruder;
        intruder.quietGaps = timeSpread(std::move(quiet));
        intruder.disturbedGaps = timeSpread(std::move(disturbed));
        intruder.ttft = timeSpread(std::move(ttft));
        if (intruder.quietGaps.p95.value_or(0) > 0 && intruder.disturbedGaps.p95)
            intruder.ratio = *intruder.disturbedGaps.p95 / *intruder.quietGaps.p95;
        m_report.intruder = intruder;
        return std::move(m_report);
    }

    Status playIntruder(std::vector<float>& quiet, std::vector<float>& disturbed,
                        std::vector<float>& ttft) {
        std::vector<Client> answers(static_cast<std::size_t>(m_spec.nStreams));
        for (Client& answer : answers) submit(answer, m_spec.promptTokens, m_spec.answerTokens);
        const auto isQuietOver = [](const Client& answer) {
            return answer.isEnded || std::cmp_greater_equal(answer.tokens.size(), kQuietTokens);
        };
        const auto haveAllBegun = [&] {
            return std::all_of(answers.begin(), answers.end(),
                               [](const Client& answer) { return !answer.tokens.empty(); });
        };
        while (!haveAllBegun()) SOTTO_TRY(hear(LoadClock::now() + kPatience));
        LoadClock::time_point calm{};  // nobody's prompt is read any more
        for (const Client& answer : answers) calm = std::max(calm, answer.tokens.front());
        while (!std::all_of(answers.begin(), answers.end(), isQuietOver))
            SOTTO_TRY(hear(LoadClock::now() + kPatience));

        Client intruder;
        intruder.arrived = LoadClock::now();
        submit(intruder, m_spec.intruderTokens, 1);
        while (!intruder.isEnded) SOTTO_TRY(hear(LoadClock::now() + kPatience));
        const LoadClock::time_point read = intruder.tokens.front();
        ttft.push_back(milliseconds(read - intruder.arrived));
        // The gaps that were open then end with one more token.
        for (const Client& answer : answers)
            while (!answer.isEnded && answer.tokens.back() <= read)
                SOTTO_TRY(hear(LoadClock::now() + kPatience));
        for (const auto& [id, client] : m_inFlight) m_engine->cancel(id);
        while (!m_inFlight.empty()) SOTTO_TRY(hear(LoadClock::now() + kPatience));

        for (const Client& answer : answers)
            for (std::size_t index = 1; index < answer.tokens.size(); ++index) {
                const auto from = answer.tokens[index - 1], to = answer.tokens[index];
                if (from >= calm && to <= intruder.arrived)
                    quiet.push_back(milliseconds(to - from));
                else if (to > intruder.arrived && from < read)
                    disturbed.push_back(milliseconds(to - from));
            }
        return {};
    }

    void submit(Client& client, std::int64_t nPrompt, std::int64_t nAnswer) {
        GenerationRequest request;
        request.prompt = TokenPrompt{loadPrompt(m_ordinary, nPrompt, m_spec.seed, m_nSubmitted++)};
        request.sampling.temperature = 0;
        request.sampling.seed = m_spec.seed;
        request.maxTokens = nAnswer;
        request.isIgnoringEnd = true;
        client.tokens.reserve(static_cast<std::size_t>(nAnswer));
        m_inFlight[m_engine->submit(std::move(request))] = &client;
    }

    // Waits for one event, at most until `end`.
    Status hear(LoadClock::time_point end) {
        if (!isContinuing()) return fail(ErrorCode::Cancelled, "The benchmark was cancelled.");
        const auto told = m_mailbox.popUntil(end);
        if (!told) return {};
        if (const auto* token = std::get_if<TokenSampled>(&told->event)) {
            const auto place = m_inFlight.find(token->request);
            if (place == m_inFlight.end()) return {};
            place->second->tokens.push_back(told->at);
            ++m_nDone;
            m_report.kvUse = std::max(m_report.kvUse, told->kvUse);
        } else if (const auto* finished = std::get_if<GenerationFinished>(&told->event)) {
            const auto place = m_inFlight.find(finished->request);
            if (place == m_inFlight.end()) return {};
            if (place->second->tokens.empty())
                return fail(ErrorCode::Internal, "A request of the load ended without a token.");
            place->second->isEnded = true;
            m_report.nPreemptions += finished->stats.preemptions;
            m_inFlight.erase(place);
        } else if (const auto* failed = std::get_if<GenerationFailed>(&told->event)) {
            return fail(failed->error);
        }
        return {};
    }

    bool isContinuing() const { return !m_progress || m_progress(m_nDone, m_nTotal); }

    const LoadTestOptions& m_options;
    const LoadSpec& m_spec;
    const ProgressSink& m_progress;
    Queue<TimedEvent> m_mailbox{Queue<TimedEvent>::kUnbounded};  // the engine never waits for us
    std::vector<std::int32_t> m_ordinary;                        // ids that prompts are drawn from
    std::map<RequestId, Client*> m_inFlight;
    std::int64_t m_nSubmitted = 0;
    std::int64_t m_nDone = 0;  // tokens of the test so far
    std::int64_t m_nTotal = 0;
    LoadReport m_report;
    // For the engine's thread, which still tells while m_engine is being destroyed: what a
    // unique_ptr holds then is the library's affair. Set before the first load, never changed.
    const Engine* m_running = nullptr;
    std::unique_ptr<Engine> m_engine;  // last: it goes, and tells no more, before the rest
};

}  // namespace

Result<LoadReport> runLoadTest(const LoadTestOptions& options, const ProgressSink& progress) {
    return guarded([&] { return LoadTest(options, progress).run(); });
}

}  // namespace sotto
