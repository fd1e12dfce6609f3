// The comparison of models on a text: the figures of the field's own program on small models, the
// same figures whatever is kept in memory, and what is refused.
#include "engine/api/compare_text.h"

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

#include "engine/api/evaluate.h"
#include "engine/api/quantize.h"
#include "tests/engine/api/two_threads.h"
#include "tests/engine/model/golden.h"
#include "tests/support/golden_files.h"
#include "tests/support/shared_data.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;
namespace fs = std::filesystem;

namespace {

constexpr const char* kGoldens = "golden2/kl.json";

std::string longText() {
    std::string text;
    for (int line = 0; line < 40; ++line) text += "the cat sat on the mat and the dog ran. ";
    return text;
}

bool isWithin(double actual, double expected, double relative, double absolute = 0) {
    return std::fabs(actual - expected) <= std::max(relative * std::fabs(expected), absolute);
}

QString pair(double actual, double expected) {
    return QStringLiteral("%1, expected %2").arg(actual, 0, 'g', 8).arg(expected, 0, 'g', 8);
}

}  // namespace

class CompareTextTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::vector<LoadOptions> m_tiny;

    fs::path at(const std::string& name) const {
        return fs::path(m_folder.path().toStdString()) / name;
    }
    LoadOptions load(const fs::path& path) const {
        LoadOptions options;
        options.path = path;
        options.kv = {KvType::F32, KvType::F32};
        return options;
    }
    // By rounding, as other tools do: the same bytes for these types.
    bool quantize(const fs::path& source, const fs::path& target, const std::string& type) const {
        QuantizeOptions options;
        options.source = source;
        options.target = target;
        options.type = type;
        options.method = ModelMethod::Nearest;
        options.nThreads = 2;
        return quantizeModel(options, {}).has_value();
    }
    Result<std::vector<TextComparisonRow>> compareTiny(const TextComparisonOptions& options,
                                                       const TextComparisonSink& sink = {}) const {
        return compareOnText(test::twoThreads(), m_tiny, longText(), options, sink);
    }
    static TextComparisonOptions chunksOf(std::int64_t nTokens, std::int64_t maxChunks) {
        TextComparisonOptions options;
        options.contextTokens = nTokens;
        options.maxChunks = maxChunks;
        return options;
    }

private slots:
    void initTestCase();
    void figures_areThoseOfTheFieldsProgram_data();
    void figures_areThoseOfTheFieldsProgram();
    void perplexities_areThoseOfOneModelAlone();
    void sameModel_doesNotDiverge();
    void figures_doNotDependOnWhatIsKept_data();
    void figures_doNotDependOnWhatIsKept();
    void progress_endsAtItsTotal();
    void cancelled_isAnErrorAtAnyPoint();
    void paddedVocabularies_areComparedOnWhatTheyShare();
    void badInput_isOneSentence();
};

void CompareTextTest::initTestCase() {
    QVERIFY(test::writeTinyModel({}, at("f32.gguf")));
    QVERIFY(quantize(at("f32.gguf"), at("q8.gguf"), "Q8_0"));
    QVERIFY(quantize(at("f32.gguf"), at("q4.gguf"), "Q4_0"));
    for (const char* name : {"f32.gguf", "q8.gguf", "q4.gguf"}) m_tiny.push_back(load(at(name)));
}

void CompareTextTest::figures_areThoseOfTheFieldsProgram_data() {
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("type");
    const auto add = [](const char* model, const char* text, const char* type) {
        QTest::addRow("%s %s", model, type) << model << text << type;
    };
    for (const char* type : {"F16", "Q8_0", "Q5_0", "Q4_1", "Q4_0"}) {
        add("stories260K", "data/text/tinyshakespeare.txt", type);
        add("babyllama-tok105", "golden2/kl/babyllama-text.txt", type);
    }
}

// Weights read back to float32 (kld.*: the same arithmetic on both sides), and the quantized file
// with our kernels (kl.*: they round activations in other places).
void CompareTextTest::figures_areThoseOfTheFieldsProgram() {
    QFETCH(const QString, model);
    QFETCH(const QString, text);
    QFETCH(const QString, type);
    SOTTO_NEEDS_SHARED(kGoldens);
    const fs::path shared = test::sharedFolder();
    const fs::path reference = shared / "data/models" / (model.toStdString() + ".f32.gguf");
    QVERIFY(quantize(reference, at("typed.gguf"), type.toStdString()));
    QVERIFY(quantize(at("typed.gguf"), at("back.gguf"), "F32"));
    const auto rows = compareOnText(
        test::twoThreads(), {load(reference), load(at("back.gguf")), load(at("typed.gguf"))},
        test::readText(shared / text.toStdString()), chunksOf(128, 16), {});
    QVERIFY2(rows, rows ? "" : rows.error().message.c_str());
    const nlohmann::json runs = readJson(shared / kGoldens)["runs"];
    const auto figures = [&](const char* kind) {
        return runs[(model + kind + type).toStdString()]["statistics"];
    };
    const auto value = [](const nlohmann::json& statistics, const char* name, std::size_t index) {
        return statistics[name][index].get<double>();
    };
    const nlohmann::json exact = figures(".kld."), own = figures(".kl.");
    const TextComparisonRow& row = (*rows)[1];
    const auto verify = [&](double actual, const char* name, std::size_t index, double relative,
                            double absolute, double unit) {
        const double expected = value(exact, name, index) * unit;
        QVERIFY2(isWithin(actual, expected, relative, absolute),
                 qPrintable(QString(name) + ": " + pair(actual, expected)));
    };
    // The bounds of golden2/README.md.
    verify((*rows)[0].perplexity, "Mean PPL(base)", 0, 5e-4, 0, 1);
    verify(row.perplexity, "Mean PPL(Q)", 0, 5e-4, 0, 1);
    verify(row.klMean, "Mean    KLD", 0, 0.02, 1e-5, 1);
    // Not in them: what follows from the same rows, of which the reference keeps 16 nats in 16 bits
    // each, 1.2e-4 off at most, and prints six places.
    verify((*rows)[0].standardError, "Mean PPL(base)", 1, 2e-3, 0, 1);
    verify(row.klError, "Mean    KLD", 1, 0.02, 1e-5, 1);
    verify(row.klMedian, "Median  KLD", 0, 0.02, 1.2e-4, 1);
    verify(row.klP99, "99.0%   KLD", 0, 0.02, 1.2e-4, 1);
    verify(row.klMax, "Maximum KLD", 0, 0.02, 1.2e-4, 1);
    verify(row.perplexityRatio, "Mean PPL(Q)/PPL(base)", 0, 5e-4, 0, 1);
    verify(row.perplexityRatioError, "Mean PPL(Q)/PPL(base)", 1, 0.02, 1e-5, 1);
    verify(row.deltaPRms, "RMS \u0394p", 0, 0.02, 1.2e-4, 0.01);
    verify(row.deltaPMean, "Mean    \u0394p", 0, 0.02, 1.2e-4, 0.01);
    verify(row.deltaP[2], "1.0%   \u0394p", 0, 0.02, 1.2e-4, 0.01);
    // Ties within that rounding may fall to either side: one token of the 1,008.
    verify(row.top1Agreement, "Same top p", 0, 0, 1.5e-3, 0.01);
    QCOMPARE(row.tokens, std::int64_t{16 * 63});

    const double ours = (*rows)[2].klMean, theirs = value(own, "Mean    KLD", 0);
    QVERIFY2(isWithin(ours, theirs, 0.1, 1e-5), qPrintable(pair(ours, theirs)));
}

void CompareTextTest::perplexities_areThoseOfOneModelAlone() {
    const auto rows = compareTiny(chunksOf(32, 4));
    QVERIFY2(rows, rows ? "" : rows.error().message.c_str());
    QCOMPARE(rows->size(), std::size_t{3});
    for (std::size_t index = 0; index < m_tiny.size(); ++index) {
        PerplexityOptions options;
        options.contextTokens = 32;
        options.maxChunks = 4;
        const auto alone =
            evaluatePerplexity(test::twoThreads(), m_tiny[index], longText(), options, {});
        QVERIFY(alone);
        QCOMPARE((*rows)[index].perplexity, alone->perplexity);
        QCOMPARE((*rows)[index].standardError, alone->standardError);
        QCOMPARE((*rows)[index].tokens, alone->tokens);
        QCOMPARE((*rows)[index].hasKl, index > 0);
        QCOMPARE((*rows)[index].readTokens, std::int64_t{4 * 32});
        QVERIFY((*rows)[index].seconds > 0);
    }
    QVERIFY((*rows)[1].klMean > 0 && (*rows)[1].klMean < (*rows)[2].klMean);
    QVERIFY(
        isWithin((*rows)[2].perplexityRatio, (*rows)[2].perplexity / (*rows)[0].perplexity, 1e-12));
}

void CompareTextTest::sameModel_doesNotDiverge() {
    const auto rows =
        compareOnText(test::twoThreads(), {m_tiny[0], m_tiny[0]}, longText(), chunksOf(32, 2), {});
    QVERIFY(rows);
    QCOMPARE((*rows)[1].klMean, 0.0);
    QCOMPARE((*rows)[1].klMax, 0.0);
    QCOMPARE((*rows)[1].top1Agreement, 1.0);
    QCOMPARE((*rows)[1].perplexityRatio, 1.0);
    QCOMPARE((*rows)[1].deltaPRms, 0.0);
}

void CompareTextTest::figures_doNotDependOnWhatIsKept_data() {
    QTest::addColumn<bool>("isTakingTurns");
    QTest::addColumn<int>("nRows");
    // 15 scored rows in a chunk of 32.
    for (const bool isTakingTurns : {false, true})
        for (const int nRows : {1, 7, 15, 20, 1000})
            QTest::addRow("%s, %d rows", isTakingTurns ? "in turn" : "together", nRows)
                << isTakingTurns << nRows;
}

void CompareTextTest::figures_doNotDependOnWhatIsKept() {
    QFETCH(const bool, isTakingTurns);
    QFETCH(const int, nRows);
    const auto whole = compareTiny(chunksOf(32, 3));
    TextComparisonOptions options = chunksOf(32, 3);
    options.isTakingTurns = isTakingTurns;
    options.spoolBytes = static_cast<std::uint64_t>(nRows) * 320 * sizeof(float);
    const auto rows = compareTiny(options);
    QVERIFY2(rows, rows ? "" : rows.error().message.c_str());
    QVERIFY(whole);
    for (std::size_t index = 0; index < rows->size(); ++index) {
        const TextComparisonRow &row = (*rows)[index], &expected = (*whole)[index];
        QCOMPARE(row.tokens, std::int64_t{3 * 15});
        // A step of fewer rows may sum a product in another order: 2^-24 of logits near 1.
        QVERIFY(isWithin(row.perplexity, expected.perplexity, 1e-5));
        QVERIFY(isWithin(row.klMean, expected.klMean, 1e-3, 1e-6));
        // Models that stay loaded read nothing twice.
        if (!isTakingTurns || nRows >= 45) QCOMPARE(row.readTokens, expected.readTokens);
        if (isTakingTurns && nRows < 15) QVERIFY(row.readTokens > expected.readTokens);
    }
}

void CompareTextTest::progress_endsAtItsTotal() {
    for (const bool isTakingTurns : {false, true}) {
        TextComparisonOptions options = chunksOf(32, 3);
        options.isTakingTurns = isTakingTurns;
        options.spoolBytes = 7 * 320 * sizeof(float);
        std::int64_t done = 0, total = 0;
        bool isGrowing = true;
        std::size_t nLoading = 0;
        const auto rows = compareTiny(options, [&](const TextComparisonProgress& progress) {
            isGrowing = isGrowing && progress.doneTokens >= done;
            done = progress.doneTokens;
            total = progress.totalTokens;
            if (progress.isLoading) ++nLoading;
            return true;
        });
        QVERIFY(rows && isGrowing && nLoading > 0);
        QCOMPARE(total, std::int64_t{3 * 3 * 32});
        QCOMPARE(done, total);
    }
}

void CompareTextTest::cancelled_isAnErrorAtAnyPoint() {
    int nCalls = 0;
    QVERIFY(compareTiny(chunksOf(32, 2), [&](const TextComparisonProgress&) {
        ++nCalls;
        return true;
    }));
    QVERIFY(nCalls > 6);
    for (int last = 0; last < nCalls; ++last) {
        int call = 0;
        const auto rows = compareTiny(chunksOf(32, 2),
                                      [&](const TextComparisonProgress&) { return call++ < last; });
        QVERIFY2(!rows, qPrintable(QString::number(last)));
        QCOMPARE(rows.error().code, ErrorCode::Cancelled);
    }
}

// Of the same tokenizer, but with more rows in the embedding, as files are rounded up.
void CompareTextTest::paddedVocabularies_areComparedOnWhatTheyShare() {
    test::TinyModel padded;
    padded.nVocab = 352;
    padded.seed = 2;
    QVERIFY(test::writeTinyModel(padded, at("padded.gguf")));
    const auto rows = compareOnText(test::twoThreads(), {m_tiny[0], load(at("padded.gguf"))},
                                    longText(), chunksOf(32, 2), {});
    QVERIFY2(rows, rows ? "" : rows.error().message.c_str());
    QVERIFY((*rows)[1].hasKl && (*rows)[1].klMean > 0);
    const auto turned = compareOnText(test::twoThreads(), {load(at("padded.gguf")), m_tiny[0]},
                                      longText(), chunksOf(32, 2), {});
    QVERIFY(turned);
    QCOMPARE((*turned)[0].perplexity, (*rows)[1].perplexity);
}

void CompareTextTest::badInput_isOneSentence() {
    const auto refusal = [&](const std::vector<LoadOptions>& models, const std::string& text,
                             const TextComparisonOptions& options) {
        const auto rows = compareOnText(test::twoThreads(), models, text, options, {});
        return rows ? Error{} : rows.error();
    };
    QCOMPARE(refusal({m_tiny[0]}, longText(), {}).code, ErrorCode::InvalidArgument);
    QCOMPARE(refusal(m_tiny, longText(), chunksOf(3, 0)).code, ErrorCode::InvalidArgument);
    QCOMPARE(refusal(m_tiny, "the cat", chunksOf(64, 0)).code, ErrorCode::InvalidArgument);
    QCOMPARE(refusal(m_tiny, "the \xff cat", chunksOf(4, 0)).code, ErrorCode::InvalidArgument);
    std::string longer;
    for (int copy = 0; copy < 4; ++copy) longer += longText();
    // The tiny model reads 256 tokens.
    QCOMPARE(refusal(m_tiny, longer, chunksOf(300, 0)).code, ErrorCode::InvalidArgument);
    QCOMPARE(refusal({m_tiny[0], load(at("none.gguf"))}, longText(), {}).code,
             ErrorCode::FileNotFound);

    // The same vocabulary, but texts begin without BOS: the byte behind the key and its type.
    std::vector<std::byte> bytes = test::readBytes(at("f32.gguf"));
    const std::string_view key = "tokenizer.ggml.add_bos_token";
    const auto found = std::search(bytes.begin(), bytes.end(), key.begin(), key.end(),
                                   [](std::byte left, char right) { return char(left) == right; });
    QVERIFY(found != bytes.end());
    *(found + static_cast<std::ptrdiff_t>(key.size() + sizeof(std::uint32_t))) = std::byte{0};
    QVERIFY(test::writeBytes(at("other.gguf"), bytes));
    const Error other = refusal({m_tiny[0], load(at("other.gguf"))}, longText(), chunksOf(32, 0));
    QCOMPARE(other.code, ErrorCode::InvalidArgument);
    QVERIFY2(other.message.find("by text only") != std::string::npos, other.message.c_str());
    QVERIFY(other.context.find("other.gguf") != std::string::npos);
}

QTEST_APPLESS_MAIN(CompareTextTest)
#include "compare_text_test.moc"
