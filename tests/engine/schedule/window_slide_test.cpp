// A window that slides: how much goes, that what stays is what reading it at its new positions
// would give, and that a text ten times as long as its context is told as well as by a window that
// is read anew.
#include "engine/schedule/window_slide.h"

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <fstream>
#include <iterator>

#include "engine/schedule/evaluation_model.h"
#include "engine/schedule/loaded_model.h"
#include "engine/schedule/sequence_runner.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;

namespace {

using Tokens = std::vector<std::int32_t>;
using Rows = std::vector<std::vector<float>>;

constexpr std::int64_t kContext = 160;  // that slides; the model's own has room for two

Tokens tokensOf(std::int32_t first, std::int64_t count) {
    Tokens tokens;
    for (std::int64_t index = 0; index < count; ++index)
        tokens.push_back((first + 7 * static_cast<std::int32_t>(index) +
                          static_cast<std::int32_t>(index * index) % 11) %
                         300);
    return tokens;
}

Rows read(SequenceRunner& runner, std::span<const std::int32_t> tokens) {
    Rows rows;
    [&] {
        QVERIFY(runner.run(tokens, runner.nTokens(),
                           [&](std::int64_t, std::span<const float> row) {
                               rows.emplace_back(row.begin(), row.end());
                           },
                           {}));
    }();
    return rows;
}

double furthest(const Rows& left, const Rows& right) {
    double distance = left.size() == right.size() ? 0 : INFINITY;
    for (std::size_t row = 0; std::isfinite(distance) && row < left.size(); ++row)
        for (std::size_t token = 0; token < left[row].size(); ++token) {
            const double difference = std::fabs(double(left[row][token]) - right[row][token]);
            distance = std::isnan(difference) ? INFINITY : std::fmax(distance, difference);
        }
    return distance;
}

// What the model thought of the token that came, in nats.
double lossOf(std::span<const float> logits, std::int32_t token) {
    double sum = 0;
    for (const float logit : logits) sum += std::exp(double(logit));
    return std::log(sum) - double(logits[static_cast<std::size_t>(token)]);
}

Tokens withoutStep(Tokens tokens, const WindowShape& window) {
    const auto first = tokens.begin() + window.sinkTokens;
    tokens.erase(first, first + window.stepTokens);
    return tokens;
}

}  // namespace

class WindowSlideTest : public QObject {
    Q_OBJECT

private slots:
    void shape_isOfWholeBlocksAndLeavesHalf() {
        for (std::int64_t context = 1; context < 3 * kBlockTokens; ++context)
            QVERIFY(!windowShape(context).isUsable());
        for (const std::int64_t context : {96, 97, 127, 128, 160, 1000, 4096, 32768, 131072}) {
            const WindowShape window = windowShape(context);
            QVERIFY(window.isUsable());
            QCOMPARE(window.sinkTokens, kBlockTokens);
            QCOMPARE(window.stepTokens % kBlockTokens, 0);
            // What goes was all computed: the newest token of a full context is not yet.
            QVERIFY(window.sinkTokens + window.stepTokens <= context - 1);
            // A key moves once at most: what stays behind the gap is no more than one step.
            QVERIFY(context - window.sinkTokens - window.stepTokens <=
                    window.stepTokens + kBlockTokens - 1);
        }
    }

    // Whole blocks, no more than a quarter: the rest has room to slide in.
    void shape_holdsTheSystemPrompt() {
        for (const std::int64_t context : {96, 160, 1000, 4096, 32768})
            for (const std::int64_t nWanted : {0, 1, 31, 32, 33, 64, 65, 300, 5000, 1'000'000}) {
                const WindowShape window = windowShape(context, nWanted);
                const std::int64_t most =
                    std::max<std::int64_t>(kBlockTokens, context / kBlockTokens / 4 * kBlockTokens);
                QCOMPARE(window.sinkTokens % kBlockTokens, 0);
                QVERIFY(window.sinkTokens >= std::min(std::max<std::int64_t>(nWanted, 1), most));
                QVERIFY(window.sinkTokens < nWanted + kBlockTokens ||
                        window.sinkTokens == kBlockTokens);
                QVERIFY(window.sinkTokens <= most);
                QVERIFY(window.sinkTokens + window.stepTokens <= context - 1);
                QVERIFY(context - window.sinkTokens - window.stepTokens <=
                        window.stepTokens + kBlockTokens - 1);
            }
    }

    // Every length: there is room for an answer, no more is left out than is needed, and a turn
    // that is a little longer is cut where the one before it was.
    void prompt_isCutInWholeSteps() {
        for (const std::int64_t context : {96, 160, 1000, 4096}) {
            const WindowShape window = windowShape(context);
            const std::int64_t room = window.stepTokens / 4;
            std::int64_t last = 0;
            for (std::int64_t nPrompt = 1; nPrompt < 5 * context; ++nPrompt) {
                const std::int64_t nLeftOut = nLeftOutOf(nPrompt, window, context);
                QCOMPARE(nLeftOut % window.stepTokens, 0);
                QVERIFY(nPrompt - nLeftOut + room <= context);
                QVERIFY(nLeftOut == 0 || nPrompt - (nLeftOut - window.stepTokens) + room > context);
                QVERIFY(nLeftOut == 0 || nPrompt - nLeftOut > window.sinkTokens);
                QVERIFY(nLeftOut == last || nLeftOut == last + window.stepTokens);
                last = nLeftOut;
            }
        }
        QCOMPARE(nLeftOutOf(1'000'000, WindowShape{}, 64), 0);
    }

    // Keys and values of a model's first layer depend on their own token alone, so that with one
    // layer a window that slid is one that was read anew, but for the rounding of keys to floats
    // and of their angles: 160 * 2^-23 of an angle, in logits of this model below 1e-3. A key left
    // where it was is off by the order of the logits.
    void oneLayer_isAsIfReadAnew_data() {
        QTest::addColumn<QString>("architecture");
        QTest::addColumn<int>("type");
        QTest::addColumn<double>("bound");
        for (const char* architecture : {"llama", "qwen3"}) {
            QTest::addRow("%s f32", architecture)
                << architecture << static_cast<int>(KvType::F32) << 1e-3;
            QTest::addRow("%s f16", architecture)
                << architecture << static_cast<int>(KvType::F16) << 1e-2;
        }
    }
    void oneLayer_isAsIfReadAnew() {
        QFETCH(QString, architecture);
        QFETCH(int, type);
        QFETCH(double, bound);
        test::TinyModel tiny;
        tiny.architecture = architecture.toStdString();
        tiny.nLayers = 1;
        tiny.nContext = 512;
        const auto model = load(tiny, static_cast<KvType>(type));
        QVERIFY(model);
        const WindowShape window = windowShape(kContext);
        SequenceRunner slid(*model);
        Tokens tokens = tokensOf(5, kContext - 1);
        read(slid, tokens);
        for (int turn = 0; turn < 9; ++turn) {
            const auto hasSlid = slideMemory(*model, slid.memory(), window, nullptr);
            QVERIFY(hasSlid && *hasSlid);
            tokens = withoutStep(std::move(tokens), window);
            QCOMPARE(slid.nTokens(), std::ssize(tokens));
            SequenceRunner fresh(*model);
            read(fresh, tokens);
            const Tokens more = tokensOf(100 + turn, kContext - 1 - std::ssize(tokens));
            const double distance = furthest(read(slid, more), read(fresh, more));
            QVERIFY2(distance <= bound, qPrintable(QString::number(distance)));
            tokens.insert(tokens.end(), more.begin(), more.end());
        }
    }

    // Blocks that somebody else holds stay as they are, and where there is no room for their copies
    // nothing has changed.
    void sharedBlocks_areCopiedOrNothingIs() {
        test::TinyModel tiny;
        tiny.nContext = 512;
        const auto model = load(tiny, KvType::F32);
        QVERIFY(model);
        BlockPool& pool = model->cache->pool();
        const WindowShape window = windowShape(kContext);
        auto other = std::make_unique<SequenceRunner>(*model);
        read(*other, tokensOf(5, kContext - 1));
        SequenceRunner slid(*model);
        slid.memory().share(other->memory(), kContext - 1);
        const std::vector<BlockId> before = slid.memory().blocks();

        SequenceMemory taking(model->cache->groups(), kBlockTokens, 512);
        SequenceReservation all(taking, std::int64_t{pool.nFree()} * kBlockTokens);
        QVERIFY(all.ok());
        all.commit();
        const auto failed = slideMemory(*model, slid.memory(), window, nullptr);
        QVERIFY(failed && !*failed);
        QVERIFY(slid.memory().blocks() == before);
        taking.clear();

        const auto hasSlid = slideMemory(*model, slid.memory(), window, nullptr);
        QVERIFY(hasSlid && *hasSlid);
        QVERIFY(other->memory().blocks() == before);
        QCOMPARE(pool.nHolders(before[0]), 2);
        for (std::size_t index = 1; index < before.size(); ++index)
            QCOMPARE(pool.nHolders(before[index]), 1);
        const Tokens more = tokensOf(200, 1);
        const Rows whole = read(*other, more);
        other = std::make_unique<SequenceRunner>(*model);
        read(*other, tokensOf(5, kContext - 1));
        QCOMPARE(furthest(read(*other, more), whole), 0.0);
    }

    // Ten contexts of text, token by token as they stand there: all numbers are finite, and the
    // text costs no more nats than by a window that is read anew at each slide. What slid has seen
    // more than that one, so that it is as good or better (0.0013 nats here); keys that stay where
    // they were cost 0.088. The bound lies between.
    void tenContexts_areToldAsWellAsByAWindowReadAnew() {
        std::ifstream file(SOTTO_SOURCE_DIR "/resources/evaluation/evaluation_text.txt",
                           std::ios::binary);
        const std::string text((std::istreambuf_iterator<char>(file)), {});
        QVERIFY(text.size() > 10'000);
        LoadOptions options;
        options.path = SOTTO_SOURCE_DIR "/resources/demo_model/sotto-demo-draft.gguf";
        EngineOptions engine;
        engine.nThreads = 2;
        const auto loaded = loadForText(engine, options, text, 512);
        QVERIFY(loaded);
        LoadedModel& model = *loaded->model;
        const WindowShape window = windowShape(kContext);
        QVERIFY(std::ssize(loaded->tokens) > 10 * kContext);
        SequenceRunner slid(model);
        Tokens tokens(loaded->tokens.begin(), loaded->tokens.begin() + kContext - 1);
        read(slid, tokens);
        double lossSlid = 0, lossFresh = 0;
        std::int64_t nScored = 0;
        for (std::int64_t next = kContext - 1; next + window.stepTokens < 10 * kContext;) {
            const auto hasSlid = slideMemory(model, slid.memory(), window, nullptr);
            QVERIFY(hasSlid && *hasSlid);
            tokens = withoutStep(std::move(tokens), window);
            SequenceRunner fresh(model);
            read(fresh, tokens);
            const auto first = loaded->tokens.begin() + next;
            const Tokens more(first, first + window.stepTokens);
            const Rows rowsSlid = read(slid, more), rowsFresh = read(fresh, more);
            QVERIFY(std::isfinite(furthest(rowsSlid, rowsFresh)));
            for (std::size_t row = 0; row < more.size(); ++row, ++nScored) {
                const std::int32_t token = *(first + static_cast<std::ptrdiff_t>(row) + 1);
                lossSlid += lossOf(rowsSlid[row], token);
                lossFresh += lossOf(rowsFresh[row], token);
            }
            tokens.insert(tokens.end(), more.begin(), more.end());
            next += window.stepTokens;
        }
        const double mean = lossSlid / double(nScored), meanFresh = lossFresh / double(nScored);
        qInfo("%lld tokens: slid %.4f nats, read anew %.4f", static_cast<long long>(nScored), mean,
              meanFresh);
        QVERIFY(mean <= meanFresh + 0.02);
        QVERIFY(mean < 8);
    }

private:
    std::unique_ptr<LoadedModel> load(const test::TinyModel& tiny, KvType type) {
        const QString path = m_folder.filePath("tiny.gguf");
        if (!test::writeTinyModel(tiny, path.toStdString())) return nullptr;
        LoadRequest request;
        request.engine.nThreads = 2;
        request.model.path = path.toStdString();
        request.model.contextTokens = 512;
        request.model.kv = {type, type};
        request.maxOutputs = 160;
        auto model = loadModel(request, {});
        return model ? std::move(*model) : nullptr;
    }

    QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(WindowSlideTest)
#include "window_slide_test.moc"
