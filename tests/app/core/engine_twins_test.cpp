// Several answers to one question, held against the real engine: the scripted one tells them alike.
#include <QTest>
#include <condition_variable>
#include <map>
#include <mutex>

#include "tests/app/core/engine_words.h"
#include "tests/fakes/fake_engine.h"

using namespace sotto;
using namespace sotto::test;

namespace {

// With a model that is loaded. The scripted one answers as many words as it is asked for, others
// for each seed.
std::unique_ptr<Engine> loadedEngine(bool isReal, const EventSink& sink) {
    std::unique_ptr<Engine> engine;
    if (isReal) {
        EngineOptions options;
        options.device = "cpu";
        options.isMeasuringBandwidth = false;
        engine = std::move(*createEngine(options, sink));
    } else {
        FakeScript script;
        script.answer = [](const GenerationRequest& request, int nth) {
            const std::uint64_t seed = request.sampling.seed.value_or(0);
            const int offset = (nth - 1) % std::max(1, request.nAnswers);
            std::vector<FakeToken> tokens;
            const int nWords = request.maxTokens < 0 ? 100'000 : 100;
            for (int word = 0; word < nWords; ++word)
                tokens.push_back({std::to_string(seed) + "." + std::to_string(offset) + " ", {}});
            return tokens;
        };
        engine = std::make_unique<FakeEngine>(sink, script);
    }
    engine->load(load(demoModel().c_str()));
    return engine;
}

// What each answer was told, as short words, repeated ones once; waits for so many ends.
class AnswersLog {
public:
    EventSink sink() {
        return [this](const EngineEvent& event) {
            std::visit(
                [&](const auto& value) {
                    if constexpr (requires { value.request; }) add(value.request, event);
                },
                event);
        };
    }
    std::map<RequestId, Words> wait(int nEnds) {
        std::unique_lock lock(m_mutex);
        m_changed.wait_for(lock, std::chrono::seconds(60), [&] { return m_nEnds >= nEnds; });
        return m_words;
    }
    std::string text(RequestId id) {
        const std::lock_guard lock(m_mutex);
        return m_texts[id];
    }
    std::uint64_t seed(RequestId id) {
        const std::lock_guard lock(m_mutex);
        return m_seeds[id];
    }
    RequestId firstToken() {  // of which answer it was
        const std::lock_guard lock(m_mutex);
        return m_firstToken;
    }

private:
    void add(RequestId id, const EngineEvent& event) {
        {
            const std::lock_guard lock(m_mutex);
            const auto* piece = std::get_if<AnswerText>(&event);
            const auto* finished = std::get_if<GenerationFinished>(&event);
            if (piece != nullptr) m_texts[id] += piece->text;
            if (finished != nullptr) m_seeds[id] = finished->stats.seed;
            const bool isToken = std::holds_alternative<TokenSampled>(event);
            if (isToken && m_firstToken == 0) m_firstToken = id;
            const std::string word = piece != nullptr || isToken ? "token" : nameOf(event);
            Words& words = m_words[id];
            if (words.empty() || words.back() != word) words.push_back(word);
            if (finished != nullptr || std::holds_alternative<GenerationFailed>(event)) ++m_nEnds;
        }
        m_changed.notify_all();
    }

    std::mutex m_mutex;  // all below
    std::condition_variable m_changed;
    std::map<RequestId, Words> m_words;
    std::map<RequestId, std::string> m_texts;
    std::map<RequestId, std::uint64_t> m_seeds;
    RequestId m_firstToken = 0;
    int m_nEnds = 0;
};

}  // namespace

class EngineTwinsTest : public QObject {
    Q_OBJECT

private slots:
    void answersToOneQuestion_areToldAlike_data();
    void answersToOneQuestion_areToldAlike();
    void answersOfOneSeed_differAndComeAgain_data();
    void answersOfOneSeed_differAndComeAgain();
};

void EngineTwinsTest::answersToOneQuestion_areToldAlike_data() {
    QTest::addColumn<bool>("isReal");
    QTest::newRow("fake") << false;
    QTest::newRow("real") << true;
}

void EngineTwinsTest::answersToOneQuestion_areToldAlike() {
    QFETCH(bool, isReal);
    AnswersLog log;
    {
        const std::unique_ptr<Engine> engine = loadedEngine(isReal, log.sink());
        QCOMPARE(engine->submit(ask("Once upon a time", 3, 3)), RequestId{1});
        QCOMPARE(engine->submit(ask("Once upon a time", 0, 2)), RequestId{4});
        QCOMPARE(engine->submit(ask("x", 3, 0)), RequestId{6});
        QCOMPARE(engine->submit(ask("x", 3, kMaxAnswers + 1)), RequestId{7});
        log.wait(7);
        // One of them is not wanted any more, nor are all of the next.
        GenerationRequest endless = ask("Once upon a time", -1, 2);
        endless.isIgnoringEnd = true;
        QCOMPARE(engine->submit(endless), RequestId{8});
        engine->cancel(9);
        engine->cancel(8);
        log.wait(9);
        QCOMPARE(engine->submit(ask("Once upon a time", 2, 2)), RequestId{10});
        log.wait(11);
    }
    const auto words = log.wait(11);
    for (const RequestId id : {1, 2, 3, 10, 11})
        QCOMPARE(words.at(id), (Words{"read", "token", "maxTokens"}));
    for (const RequestId id : {4, 5}) QCOMPARE(words.at(id), Words{"maxTokens"});
    for (const RequestId id : {6, 7}) QCOMPARE(words.at(id), Words{"invalidArgument"});
    for (const RequestId id : {8, 9}) QCOMPARE(words.at(id).back(), std::string("cancelled"));
    QCOMPARE(log.firstToken(), RequestId{1});
}

void EngineTwinsTest::answersOfOneSeed_differAndComeAgain_data() {
    answersToOneQuestion_areToldAlike_data();
}

void EngineTwinsTest::answersOfOneSeed_differAndComeAgain() {
    QFETCH(bool, isReal);
    AnswersLog log;
    {
        const std::unique_ptr<Engine> engine = loadedEngine(isReal, log.sink());
        GenerationRequest request = ask("Once upon a time", 40, 3);
        request.sampling.seed = 7;
        request.sampling.temperature = 2;
        request.sampling.topK = 0;
        request.sampling.topP = 1;
        request.sampling.minP = 0;
        engine->submit(request);
        log.wait(3);
        engine->submit(request);
        log.wait(6);
    }
    for (const RequestId id : {1, 2, 3}) {
        QCOMPARE(log.text(id), log.text(id + 3));
        QCOMPARE(log.seed(id), std::uint64_t{6} + id);
        QCOMPARE(log.seed(id + 3), log.seed(id));
    }
    QVERIFY(log.text(1) != log.text(2) && log.text(2) != log.text(3) && log.text(1) != log.text(3));
}

QTEST_APPLESS_MAIN(EngineTwinsTest)
#include "engine_twins_test.moc"
