// What a draft model guesses after any history of right and wrong guesses, other chats and returns,
// against reading the sequence afresh; what it cannot follow; and what a fault leaves.
#include <QTemporaryDir>
#include <QtTest>
#include <random>

#include "engine/schedule/model_drafter.h"
#include "engine/schedule/sequence_runner.h"
#include "tests/support/golden_files.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;

namespace {

using Tokens = std::vector<std::int32_t>;
constexpr std::int64_t kContext = 256;
constexpr double kPlenty = 1e9;

}  // namespace

class ModelDrafterTest : public QObject {
    Q_OBJECT

private slots:
    void init() { m_model = load({}); }

    void guesses_areThoseOfAFreshReading_data() {
        QTest::addColumn<float>("temperature");
        QTest::newRow("greedy") << 0.0f;
        QTest::newRow("drawn") << 0.9f;
    }
    void guesses_areThoseOfAFreshReading() {
        QFETCH(float, temperature);
        SamplingSettings settings;
        settings.temperature = temperature;
        settings.repeatPenalty = 1.2f;  // looks at the guesses before it
        ModelDrafter drafter(*m_model);
        Sampler sampler(settings, 11, 320);
        const auto fresh = load({});
        std::mt19937 random(4);
        const auto below = [&](std::size_t end) { return random() % end; };
        Tokens sequence{1, 40, 41, 42};
        for (int round = 0; round < 120; ++round) {
            const std::size_t nGuesses = 1 + below(5);
            Tokens guesses;
            QVERIFY(follow(drafter, sequence, sampler));
            for (std::size_t n = 0; n < nGuesses; ++n) {
                QCOMPARE(drafter.expected(sequence, guesses), std::optional(kModelGuess));
                const auto guess = drafter.guess(sequence, guesses);
                QVERIFY(guess);
                guesses.push_back(guess->token);
            }
            Sampler again(settings, 11, 320);
            QCOMPARE(guesses, chainOf(*fresh, sequence, nGuesses, again));
            // Some of them stand, and a token behind them; or another chat goes on.
            const std::size_t nRight = below(nGuesses + 1);
            sequence.insert(sequence.end(), guesses.begin(),
                            guesses.begin() + static_cast<std::ptrdiff_t>(nRight));
            sequence.push_back(static_cast<std::int32_t>(below(320)));
            if (below(6) == 0) sequence.resize(1 + below(sequence.size()));
            if (std::ssize(sequence) + 8 > kContext) sequence.resize(30);
        }
        QVERIFY(!drafter.failure());
    }

    // Without time for more than a piece, a long prompt takes several turns.
    void longPrompt_isReadInPieces() {
        ModelDrafter drafter(*m_model);
        Sampler sampler({}, 1, 320);
        const Tokens sequence(200, 50);
        int nTurns = 1;
        while (!follow(drafter, sequence, sampler, 0)) {
            QVERIFY(!drafter.expected(sequence, {}));
            QVERIFY(++nTurns < 100);
        }
        QVERIFY(nTurns > 1);
        QVERIFY(drafter.expected(sequence, {}));
        QVERIFY(drafter.secondsPerRow() > 0);
        QVERIFY(drafter.readingSeconds(sequence) < drafter.readingSeconds(Tokens(200, 51)));
    }

    void cancelled_readsNothing() {
        ModelDrafter drafter(*m_model);
        Sampler sampler({}, 1, 320);
        const std::atomic<bool> isCancelled{true};
        const Tokens sequence(200, 50);
        QVERIFY(!drafter.follow({sequence, sampler, isCancelled}, kPlenty));
        QCOMPARE(drafter.secondsPerRow(), 0.0);
        QVERIFY(!drafter.failure());
    }

    void contextsEnd_isNotPassed() {
        ModelDrafter drafter(*m_model);
        Sampler sampler({}, 1, 320);
        Tokens sequence(kContext - 2, 50);
        QVERIFY(follow(drafter, sequence, sampler));
        Tokens guesses;
        while (drafter.expected(sequence, guesses))
            guesses.push_back(drafter.guess(sequence, guesses)->token);
        QCOMPARE(std::ssize(guesses), 2);
        sequence.resize(kContext, 50);
        QVERIFY(!follow(drafter, sequence, sampler));
        QVERIFY(!drafter.expected(sequence, {}));
    }

    // Of a vocabulary that the model's file rounds up further.
    void tokenThatItDoesNotKnow_isNotFollowed() {
        ModelDrafter drafter(*m_model);
        Sampler sampler({}, 1, 320);
        QVERIFY(!follow(drafter, Tokens{1, 40, 320, 41}, sampler));
        QVERIFY(follow(drafter, Tokens{1, 40, 319, 41}, sampler));
        QVERIFY(drafter.guess(Tokens{1, 40, 319, 41}, {}));
        QVERIFY(!drafter.failure());
    }

    void numbersThatAreNone_endItsGuessing() {
        const auto broken = load("output_norm.weight");
        ModelDrafter drafter(*broken);
        Sampler sampler({}, 1, 320);
        const Tokens sequence{1, 40, 41};
        QVERIFY(follow(drafter, sequence, sampler));
        QVERIFY(!drafter.guess(sequence, {}));
        QVERIFY(drafter.failure());
        QCOMPARE(drafter.failure()->code, ErrorCode::FileDamaged);
        QVERIFY(!follow(drafter, sequence, sampler));
        QVERIFY(!drafter.expected(sequence, {}));
    }

private:
    // `brokenTensor`: the one whose weights are no numbers; empty: none.
    std::unique_ptr<LoadedModel> load(const std::string& brokenTensor) {
        const GgufWriter writer = test::describeTinyModel({});
        const GgufRowSource weights = test::tinyWeights(writer, 1);
        const auto bytes =
            writer.toBytes([&](const GgufRowRange& range, std::span<std::byte> out) -> Status {
                SOTTO_TRY(weights(range, out));
                if (writer.tensors()[range.tensorIndex].name == brokenTensor)
                    std::fill(out.begin(), out.end(), std::byte{0xFF});
                return {};
            });
        const std::string path = m_folder.filePath("draft.gguf").toStdString();
        if (!bytes || !test::writeBytes(path, *bytes)) return nullptr;
        LoadRequest request;
        request.engine.device = "cpu";
        request.engine.nThreads = 2;
        request.model.path = path;
        request.model.contextTokens = kContext;
        auto loaded = loadModel(request, {});
        return loaded ? std::move(*loaded) : nullptr;
    }
    bool follow(ModelDrafter& drafter, const Tokens& sequence, Sampler& sampler,
                double seconds = kPlenty) const {
        return drafter.follow({sequence, sampler, m_isCancelled}, seconds);
    }
    // Each token drawn from the logits behind all before it, the whole read anew.
    static Tokens chainOf(LoadedModel& model, Tokens sequence, std::size_t nGuesses,
                          Sampler& sampler) {
        Tokens chain;
        while (chain.size() < nGuesses) {
            SequenceRunner runner(model);
            const std::int64_t last = std::ssize(sequence) - 1;
            const Status read = runner.run(
                sequence, last,
                [&](std::int64_t, std::span<const float> logits) {
                    chain.push_back(sampler.sample(logits, sequence, std::ssize(sequence)).token);
                },
                {});
            if (!read) return {};
            sequence.push_back(chain.back());
        }
        return chain;
    }

    QTemporaryDir m_folder;
    std::unique_ptr<LoadedModel> m_model;
    std::atomic<bool> m_isCancelled{false};
};

QTEST_APPLESS_MAIN(ModelDrafterTest)
#include "model_drafter_test.moc"
