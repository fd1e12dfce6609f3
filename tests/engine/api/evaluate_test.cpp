// Evaluation and benchmark from the caller's side: logits in order, perplexity by its definition,
// divergence from itself zero, synthetic models as planned.
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>

#include "engine/api/benchmark.h"
#include "engine/api/evaluate.h"
#include "engine/api/inspect.h"
#include "engine/api/logits_file.h"
#include "engine/api/synthetic_model.h"
#include "engine/api/tokenizer.h"
#include "engine/quant/dequantize_reference.h"
#include "engine/quant/random_weights.h"
#include "tests/support/small_shape.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;

namespace {

EngineOptions engineOptions() {
    EngineOptions options;
    options.nThreads = 2;
    return options;
}

std::string longText() {
    std::string text;
    for (int line = 0; line < 40; ++line) text += "the cat sat on the mat and the dog ran. ";
    return text;
}

}  // namespace

class EvaluateTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void logits_comeOncePerPositionInOrder();
    void logits_refuseTokensOutOfRange();
    void logits_refuseMoreTokensThanTheContext();
    void unusableNumbers_areAnErrorThatNamesTheTensor_data();
    void unusableNumbers_areAnErrorThatNamesTheTensor();
    void perplexity_isTheDefinitionOverTheSecondHalves();
    void perplexity_refusesATextThatIsTooShort();
    void divergence_fromItselfIsZero();
    void divergence_refusesAnotherText();
    void cancelledPerplexity_leavesNoFile();
    void logitsFile_refusesForeignAndCutFiles();
    void logitsFile_refusesRowsThatAreNoNumbers_data();
    void logitsFile_refusesRowsThatAreNoNumbers();
    void inspect_reportsShapesAndMemory();
    void randomWeights_haveTheAskedDeviation_data();
    void randomWeights_haveTheAskedDeviation();
    void mixes_fallBackWhereRowsAreNoWholeBlocks();
    void synthetic_isSavedLoadedAndMeasured();
    void mixture_saysWhichBytesAreAMean();
    void synthetic_refusesWhatItDoesNotKnow();

private:
    LoadOptions options() const {
        LoadOptions load;
        load.path = m_path;
        load.kv = {KvType::F32, KvType::F32};
        return load;
    }
    std::vector<std::vector<float>> logitsOf(const std::vector<std::int32_t>& tokens) const {
        std::vector<std::vector<float>> rows;
        const Status done =
            evaluateLogits(engineOptions(), options(), tokens,
                           [&](std::int64_t position, std::span<const float> logits) {
                               if (position == static_cast<std::int64_t>(rows.size()))
                                   rows.emplace_back(logits.begin(), logits.end());
                           },
                           {});
        return done ? rows : std::vector<std::vector<float>>();
    }

    QTemporaryDir m_folder;
    std::filesystem::path m_path;
};

void EvaluateTest::initTestCase() {
    m_path = m_folder.filePath("tiny.gguf").toStdString();
    QVERIFY(test::writeTinyModel({}, m_path));
}

void EvaluateTest::logits_comeOncePerPositionInOrder() {
    std::vector<std::int32_t> tokens{1};
    for (std::int32_t token = 2; token < 150; ++token) tokens.push_back(token);
    const auto rows = logitsOf(tokens);
    QCOMPARE(rows.size(), tokens.size());
    QCOMPARE(rows.front().size(), std::size_t{320});
    // Causal: the first rows do not know the later tokens. 1e-5: steps of other sizes may sum in
    // another order.
    const auto beginning = logitsOf({tokens.begin(), tokens.begin() + 3});
    for (std::size_t token = 0; token < 320; ++token)
        QVERIFY(std::abs(rows[2][token] - beginning[2][token]) < 1e-5f);
}

void EvaluateTest::logits_refuseTokensOutOfRange() {
    const std::vector<std::int32_t> tokens{1, 320};
    const Status done = evaluateLogits(engineOptions(), options(), tokens, {}, {});
    QVERIFY(!done);
    QCOMPARE(done.error().code, ErrorCode::InvalidArgument);
}

void EvaluateTest::logits_refuseMoreTokensThanTheContext() {
    const std::vector<std::int32_t> tokens(257, 5);  // the tiny model's context is 256
    const Status done = evaluateLogits(engineOptions(), options(), tokens, {}, {});
    QVERIFY(!done);
    QCOMPARE(done.error().code, ErrorCode::ContextFull);
    QCOMPARE(done.error().needed, 257u);
}

void EvaluateTest::unusableNumbers_areAnErrorThatNamesTheTensor_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<QByteArray>("tensor");  // the one that begins with `bytes`
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("said");
    const QByteArray nan("\x00\x00\xc0\x7f", 4), infinity("\x00\x00\x80\xff", 4);
    const QByteArray halfNan("\x00\x7e", 2), greatest("\xff\xff\x7f\x7f", 4);
    const auto add = [](const char* name, DType type, const char* tensor, const QByteArray& bytes,
                        const char* said) {
        QTest::newRow(name) << static_cast<int>(type) << QByteArray(tensor) << bytes
                            << QByteArray(said);
    };
    add("weight", DType::F32, "blk.1.ffn_down.weight", nan, "'blk.1.ffn_down.weight'");
    add("scale", DType::Q8_0, "blk.0.attn_q.weight", halfNan, "'blk.0.attn_q.weight'");
    add("norm", DType::F32, "blk.0.ffn_norm.weight", infinity, "'blk.0.ffn_norm.weight'");
    add("head", DType::F16, "output.weight", halfNan, "'output.weight'");
    add("overflow", DType::F32, "output_norm.weight", greatest, "grow beyond");
}

void EvaluateTest::unusableNumbers_areAnErrorThatNamesTheTensor() {
    QFETCH(int, type);
    QFETCH(QByteArray, tensor);
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, said);
    LoadOptions damaged = options();
    damaged.path = m_folder.filePath("damaged.gguf").toStdString();
    const GgufWriter writer =
        test::describeTinyModel(test::withTypes({}, static_cast<DType>(type)));
    const GgufRowSource whole = test::tinyWeights(writer, 1);
    QVERIFY(writer.write(damaged.path, [&](const GgufRowRange& range, std::span<std::byte> out) {
        Status filled = whole(range, out);
        if (range.firstRow == 0 && writer.tensors()[range.tensorIndex].name == tensor.toStdString())
            std::memcpy(out.data(), bytes.constData(), static_cast<std::size_t>(bytes.size()));
        return filled;
    }));

    const std::vector<std::int32_t> tokens{1, 5, 9};
    const Status logits = evaluateLogits(engineOptions(), damaged, tokens,
                                         [](std::int64_t, std::span<const float>) {}, {});
    QVERIFY(!logits);
    QCOMPARE(logits.error().code, ErrorCode::FileDamaged);
    QVERIFY2(logits.error().message.find(said.toStdString()) != std::string::npos,
             logits.error().message.c_str());
    PerplexityOptions chunks;
    chunks.contextTokens = 32;
    const auto perplexity = evaluatePerplexity(engineOptions(), damaged, longText(), chunks, {});
    QVERIFY(!perplexity);
    QCOMPARE(perplexity.error().code, ErrorCode::FileDamaged);
}

void EvaluateTest::perplexity_isTheDefinitionOverTheSecondHalves() {
    PerplexityOptions perplexity;
    perplexity.contextTokens = 32;
    perplexity.maxChunks = 2;
    const std::string text = longText();
    const auto result = evaluatePerplexity(engineOptions(), options(), text, perplexity, {});
    QVERIFY2(result, result ? "" : result.error().message.c_str());
    QCOMPARE(result->tokens, 2 * 15);  // positions 16..30 predict 17..31

    auto tokenizer = loadTokenizer(m_path);
    QVERIFY(tokenizer);
    const auto tokens = *(*tokenizer)->encode(text, {true, true});
    double sum = 0;
    for (std::size_t chunk = 0; chunk < 2; ++chunk) {
        std::vector<std::int32_t> part(
            tokens.begin() + static_cast<std::ptrdiff_t>(chunk * 32),
            tokens.begin() + static_cast<std::ptrdiff_t>(chunk * 32 + 32));
        const std::vector<std::int32_t> targets = part;
        part[0] = (*tokenizer)->bosToken();
        const auto rows = logitsOf(part);
        for (std::size_t position = 16; position < 31; ++position) {
            double total = 0;
            for (const float logit : rows[position]) total += std::exp(double(logit));
            sum +=
                std::log(total) - rows[position][static_cast<std::size_t>(targets[position + 1])];
        }
    }
    const double expected = std::exp(sum / 30);
    QVERIFY(std::abs(result->perplexity - expected) < 1e-4 * expected);
    QVERIFY(result->standardError > 0);
}

void EvaluateTest::perplexity_refusesATextThatIsTooShort() {
    PerplexityOptions perplexity;
    perplexity.contextTokens = 64;
    const auto result = evaluatePerplexity(engineOptions(), options(), "the cat", perplexity, {});
    QVERIFY(!result);
    QCOMPARE(result.error().code, ErrorCode::InvalidArgument);
}

void EvaluateTest::divergence_fromItselfIsZero() {
    PerplexityOptions saving;
    saving.contextTokens = 32;
    saving.maxChunks = 3;
    saving.saveLogits = m_folder.filePath("own.logits").toStdString();
    const auto saved = evaluatePerplexity(engineOptions(), options(), longText(), saving, {});
    QVERIFY(saved);
    QVERIFY(!saved->hasKl);
    PerplexityOptions comparing = saving;
    comparing.compareWith = saving.saveLogits;
    comparing.saveLogits.clear();
    const auto compared = evaluatePerplexity(engineOptions(), options(), longText(), comparing, {});
    QVERIFY(compared);
    QVERIFY(compared->hasKl);
    QCOMPARE(compared->top1Agreement, 1.0);
    // Only the rounding of the file: half a step of 24 / 65535 nats, and its signs cancel.
    QVERIFY(std::abs(compared->klMean) < 2e-4);
    QVERIFY(compared->klMax < 4e-4 && compared->klMedian <= compared->klP99);
    QCOMPARE(compared->perplexity, saved->perplexity);
}

void EvaluateTest::divergence_refusesAnotherText() {
    PerplexityOptions saving;
    saving.contextTokens = 32;
    saving.maxChunks = 1;
    saving.saveLogits = m_folder.filePath("other.logits").toStdString();
    QVERIFY(evaluatePerplexity(engineOptions(), options(), "and then " + longText(), saving, {}));
    PerplexityOptions comparing;
    comparing.contextTokens = 32;
    comparing.maxChunks = 1;
    comparing.compareWith = saving.saveLogits;
    const auto compared = evaluatePerplexity(engineOptions(), options(), longText(), comparing, {});
    QVERIFY(!compared);
    QCOMPARE(compared.error().code, ErrorCode::InvalidArgument);
}

void EvaluateTest::cancelledPerplexity_leavesNoFile() {
    PerplexityOptions saving;
    saving.contextTokens = 32;
    saving.saveLogits = m_folder.filePath("half.logits").toStdString();
    const auto result =
        evaluatePerplexity(engineOptions(), options(), longText(), saving,
                           [](std::int64_t done, std::int64_t) { return done < 40; });
    QVERIFY(!result);
    QCOMPARE(result.error().code, ErrorCode::Cancelled);
    QCOMPARE(QDir(m_folder.path()).entryList({"half*"}, QDir::Files | QDir::Hidden), QStringList());
}

void EvaluateTest::logitsFile_refusesForeignAndCutFiles() {
    QVERIFY(!LogitsFileReader::open(m_folder.filePath("none").toStdString()));
    QCOMPARE(LogitsFileReader::open(m_path).error().code, ErrorCode::FileDamaged);
    const std::filesystem::path path = m_folder.filePath("cut.logits").toStdString();
    auto writer = LogitsFileWriter::create(path, {4, 2, 1});
    QVERIFY(writer);
    QVERIFY(writer->addTokens(std::vector<std::int32_t>{1, 2}));
    QVERIFY(writer->addRow(std::vector<float>{-0.5f, -1.5f, -100.0f, -3.0f}));
    QVERIFY(writer->finish());
    std::vector<float> row;
    std::vector<std::int32_t> tokens;
    auto reader = LogitsFileReader::open(path);
    QVERIFY(reader && reader->readTokens(tokens) && reader->readRow(row));
    QCOMPARE(row[0], -0.5f);  // the likeliest is exact
    QVERIFY(std::abs(row[1] + 1.5f) < 2e-4f);
    QCOMPARE(row[2], -24.5f);  // cut at the range
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
    auto cut = LogitsFileReader::open(path);
    QVERIFY(cut && cut->readTokens(tokens) && !cut->readRow(row));
}

void EvaluateTest::logitsFile_refusesRowsThatAreNoNumbers_data() {
    QTest::addColumn<float>("low");
    QTest::addColumn<float>("step");
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    QTest::newRow("low is none") << kNan << 0.0f;
    QTest::newRow("low is infinite") << -kInfinity << 0.0f;
    QTest::newRow("step is none") << -1.0f << kNan;
    QTest::newRow("step is infinite") << -1.0f << kInfinity;
    QTest::newRow("greatest is infinite") << -1.0f << 1e35f;
}

void EvaluateTest::logitsFile_refusesRowsThatAreNoNumbers() {
    QFETCH(const float, low);
    QFETCH(const float, step);
    const std::filesystem::path path = m_folder.filePath("bad.logits").toStdString();
    auto writer = LogitsFileWriter::create(path, {4, 2, 1});
    QVERIFY(writer);
    QVERIFY(writer->addTokens(std::vector<std::int32_t>{1, 2}));
    QVERIFY(writer->addRow(std::vector<float>{-0.5f, -1.5f, -100.0f, -3.0f}));
    QVERIFY(writer->finish());
    QFile file(m_folder.filePath("bad.logits"));
    QVERIFY(file.open(QIODevice::ReadWrite));
    // Behind the magic, four numbers and two tokens.
    QVERIFY(file.seek(8 + 4 * 4 + 2 * 4));
    const std::array<float, 2> scale{low, step};
    QCOMPARE(file.write(reinterpret_cast<const char*>(scale.data()), sizeof scale),
             static_cast<qint64>(sizeof scale));
    file.close();
    std::vector<float> row;
    std::vector<std::int32_t> tokens;
    auto reader = LogitsFileReader::open(path);
    QVERIFY(reader && reader->readTokens(tokens));
    const Status read = reader->readRow(row);
    QVERIFY(!read);
    QCOMPARE(read.error().code, ErrorCode::FileDamaged);
}

void EvaluateTest::inspect_reportsShapesAndMemory() {
    LoadOptions load = options();
    load.contextTokens = 64;
    const auto info = inspectModel(load);
    QVERIFY(info);
    QCOMPARE(info->nEmbd, 64);
    QCOMPARE(info->nKvHeads, 2);
    QCOMPARE(info->trainedContext, 256);
    QCOMPARE(info->contextTokens, 64);
    // 2 layers, keys and values, 64 tokens, 2 heads of 16, float32
    QCOMPARE(info->memory.kv, 2u * 2 * 64 * 2 * 16 * 4);
    QCOMPARE(info->fileBytes, std::filesystem::file_size(m_path));
    QVERIFY(info->parameters > 0 && info->bitsPerWeight > 31.9 && info->bitsPerWeight < 32.1);
    QVERIFY(!info->tokenizer.empty());
    load.path = "/nowhere.gguf";
    QCOMPARE(inspectModel(load).error().code, ErrorCode::FileNotFound);
}

void EvaluateTest::randomWeights_haveTheAskedDeviation_data() {
    QTest::addColumn<int>("type");
    for (const DType type : kernelDTypes())
        QTest::newRow(std::string(dtypeTraits(type).name).c_str()) << static_cast<int>(type);
}

void EvaluateTest::randomWeights_haveTheAskedDeviation() {
    QFETCH(int, type);
    const auto dtype = static_cast<DType>(type);
    constexpr std::size_t kElements = 1 << 16;
    std::vector<std::byte> bytes(rowBytes(dtype, kElements));
    fillRandomRows({dtype, kElements, 1, 0.02f, 7}, 0, 1, bytes);
    std::vector<float> values(kElements);
    dequantizeRow(dtype, bytes, values);
    double sum = 0, squares = 0;
    for (const float value : values) {
        QVERIFY(std::isfinite(value));
        sum += value;
        squares += double(value) * value;
    }
    // Within 10 %: scales are shared by a block, so there are fewer independent draws than values.
    const double deviation = std::sqrt(squares / kElements);
    QVERIFY2(std::abs(deviation - 0.02) < 0.002, qPrintable(QString::number(deviation)));
    QVERIFY(std::abs(sum / kElements) < 0.002);
}

// As the "Q4_K_M" of models 896 columns wide, which has hardly a K type: loads and computes too.
void EvaluateTest::mixes_fallBackWhereRowsAreNoWholeBlocks() {
    SyntheticShape shape = test::kSmallShape;
    shape.nEmbd = 96;
    shape.nHeads = 2;
    shape.nKvHeads = 1;
    shape.headDim = 48;
    shape.isTied = false;
    for (const auto& [mix, narrow] : {std::pair("Q4_K_M", DType::Q5_0), {"Q5_K_M", DType::Q5_1}}) {
        const auto planned = planSyntheticModel(shape, mix, 3);
        QVERIFY2(planned, planned ? "" : planned.error().message.c_str());
        std::map<std::string, DType> types;
        for (const GgufTensorPlan& tensor : planned->writer.tensors())
            types[tensor.name] = tensor.type;
        QVERIFY(types["blk.0.attn_q.weight"] == narrow);
        QVERIFY(types["blk.0.ffn_gate.weight"] == narrow);
        QVERIFY(types["blk.1.attn_v.weight"] == DType::Q8_0);  // Q6_K's
        QVERIFY(types["output.weight"] == DType::Q8_0);
        QVERIFY(types["blk.1.ffn_down.weight"] == DType::Q6_K);  // 512 columns
        BenchmarkOptions benchmark;
        benchmark.engine = engineOptions();
        benchmark.model.path = m_folder.filePath("narrow.gguf").toStdString();
        QVERIFY(planned->writer.write(benchmark.model.path, planned->source));
        benchmark.promptTokens = 4;
        benchmark.generatedTokens = 2;
        benchmark.batches = {1};
        benchmark.repeats = 1;
        const auto report =
            runBenchmark(benchmark, [](std::int64_t, std::int64_t) { return true; });
        QVERIFY2(report, report ? "" : report.error().message.c_str());
    }
}

void EvaluateTest::synthetic_isSavedLoadedAndMeasured() {
    const auto planned = planSyntheticModel(test::kSmallShape, "Q4_K_M", 3);
    QVERIFY2(planned, planned ? "" : planned.error().message.c_str());
    BenchmarkOptions benchmark;
    benchmark.engine = engineOptions();
    benchmark.model.path = m_folder.filePath("synthetic.gguf").toStdString();
    QVERIFY(planned->writer.write(benchmark.model.path, planned->source));
    benchmark.promptTokens = 40;
    benchmark.generatedTokens = 5;
    benchmark.depth = 33;
    benchmark.batches = {3, 1};
    benchmark.repeats = 2;
    std::int64_t lastDone = 0;
    const auto report = runBenchmark(benchmark, [&](std::int64_t done, std::int64_t total) {
        lastDone = done;
        return done <= total;
    });
    QVERIFY2(report, report ? "" : report.error().message.c_str());
    QCOMPARE(lastDone, 2 * (40 + 5 + 5));
    QCOMPARE(report->rows.size(), std::size_t{3});
    QVERIFY(!report->card);  // of a processor nothing is told
    const BenchmarkRow& decode = report->rows[1];
    QVERIFY(decode.tokensPerSecond.min <= decode.tokensPerSecond.median &&
            decode.tokensPerSecond.median <= decode.tokensPerSecond.max);
    QVERIFY(decode.bytesPerStep > 0 && report->readBandwidthGbS > 0);
    // 2 layers of keys and values, 2 heads of 64 halves: at depth 33 and 5 tokens, 35.5 on average.
    QCOMPARE(report->rows[1].batch, 3);
    QCOMPARE(report->rows[2].batch, 1);
    QCOMPARE(decode.bytesPerStep - report->rows[2].bytesPerStep, 2 * 35.5 * (2 * 2 * 2 * 64 * 2));
    for (const BenchmarkRow& row : {report->rows[1], report->rows[2]}) {
        const double stepsPerSecond = row.tokensPerSecond.median / row.batch;
        QVERIFY(std::abs(row.stepMs * stepsPerSecond - 1e3) < 1e-6);
        QVERIFY(std::abs(row.bandwidthGbS - row.bytesPerStep * stepsPerSecond * 1e-9) <
                1e-9 * row.bandwidthGbS);
        QCOMPARE(row.mbu, row.bandwidthGbS / report->readBandwidthGbS);
        QCOMPARE(row.shareOfCopy, row.bandwidthGbS / report->copyBandwidthGbS);
        QCOMPARE(row.shareOfSpec, 0.0);  // nobody tells a processor's
    }
    QVERIFY(report->rows[0].ttftMs > 0 && report->rows[0].tflops > 0);
    benchmark.repeats = 100000;
    const auto cancelled =
        runBenchmark(benchmark, [](std::int64_t done, std::int64_t) { return done < 50; });
    QVERIFY(!cancelled);
    QCOMPARE(cancelled.error().code, ErrorCode::Cancelled);
}

// Of one sequence the bytes are a count; several share experts that only the device knows.
void EvaluateTest::mixture_saysWhichBytesAreAMean() {
    const SyntheticShape shape{.name = "mixture",
                               .nEmbd = 64,
                               .nFeedForward = 32,
                               .nLayers = 2,
                               .nHeads = 4,
                               .nKvHeads = 2,
                               .headDim = 16,
                               .nVocab = 320,
                               .isTied = true,
                               .nExperts = 8,
                               .nExpertsUsed = 2};
    const auto planned = planSyntheticModel(shape, "Q8_0", 3);
    QVERIFY2(planned, planned ? "" : planned.error().message.c_str());
    BenchmarkOptions benchmark;
    benchmark.engine = engineOptions();
    benchmark.model.path = m_folder.filePath("mixture.gguf").toStdString();
    QVERIFY(planned->writer.write(benchmark.model.path, planned->source));
    benchmark.promptTokens = 0;
    benchmark.generatedTokens = 3;
    benchmark.batches = {1, 2};
    benchmark.repeats = 1;
    const auto report = runBenchmark(benchmark, {});
    QVERIFY2(report, report ? "" : report.error().message.c_str());
    QCOMPARE(report->rows.size(), std::size_t{2});
    QVERIFY(!report->rows[0].isMeanOfExperts);
    QVERIFY(report->rows[1].isMeanOfExperts);
    QVERIFY(report->rows[1].bytesPerStep > report->rows[0].bytesPerStep);
}

void EvaluateTest::synthetic_refusesWhatItDoesNotKnow() {
    for (const char* description :
         {"", "llama-1b", "llama-1b:", "llama-1b:Q3_K", "llama-2b:Q8_0"}) {
        const auto planned = planSyntheticModel(description, 1);
        QVERIFY2(!planned, description);
        QCOMPARE(planned.error().code, ErrorCode::InvalidArgument);
    }
    SyntheticShape odd = test::kSmallShape;
    odd.nEmbd = 96;
    QVERIFY(!planSyntheticModel(odd, "Q4_K", 1));  // rows of 96 are no blocks of 256
}

QTEST_APPLESS_MAIN(EvaluateTest)
#include "evaluate_test.moc"
