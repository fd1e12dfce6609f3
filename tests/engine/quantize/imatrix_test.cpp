// The measured importance matrix against the reference's on its small models, and by its definition
// on a mixture; what is stopped goes on and ends up the same.
#include "engine/api/imatrix.h"

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <cstring>
#include <limits>

#include "engine/gguf/gguf_reader.h"
#include "engine/quantize/importance.h"
#include "tests/support/golden_files.h"
#include "tests/support/shared_data.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;
namespace fs = std::filesystem;

namespace {

std::string longText() {
    std::string text;
    for (int line = 0; line < 60; ++line) text += "the cat sat on the mat and the dog ran. ";
    return text;
}

double relativeError(const std::vector<float>& ours, const std::vector<float>& theirs) {
    double error = 0, norm = 0;
    for (std::size_t index = 0; index < theirs.size(); ++index) {
        const double difference = double(ours[index]) - double(theirs[index]);
        error += difference * difference;
        norm += double(theirs[index]) * double(theirs[index]);
    }
    return std::sqrt(error / norm);
}

}  // namespace

class ImatrixTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path at(const std::string& name) const {
        return fs::path(m_folder.path().toStdString()) / name;
    }
    static EngineOptions engine() {
        EngineOptions options;
        options.nThreads = 2;
        return options;
    }
    Result<ImatrixResult> measure(const fs::path& model, const std::string& text,
                                  const ImatrixOptions& options,
                                  const ProgressSink& progress = {}) {
        LoadOptions load;
        load.path = model;
        return measureImatrix(engine(), load, text, options, progress);
    }

private slots:
    void smallModels_haveTheReferencesImportance_data();
    void smallModels_haveTheReferencesImportance();
    void mixture_countsTheRowsOfEachExpert();
    void stopped_goesOnAndEndsUpTheSame();
    void stoppedInAChunk_forgetsItsHalf();
    void anotherText_beginsAnew();
    void foreignFile_isLeftAlone();
    void head_isMeasuredWhenAskedFor();
    void sensitivities_areOfAllMatrices();
    void matrixThatFourBitsHold_hasNoSensitivity();
    void rowThatNoTextReads_isNamedWhenMeasured();
    void stoppedAtSensitivities_keepsTheSums();
    void deepModel_isMeasuredInSomeLayers();
    void brokenModel_namesTheMatrix();
    void badInput_isOneSentence();
};

void ImatrixTest::smallModels_haveTheReferencesImportance_data() {
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("golden");
    QTest::newRow("stories260K") << "data/models/stories260K.f32.gguf"
                                 << "data/text/calibration.txt"
                                 << "golden2/kl/stories260K.imatrix.gguf";
    QTest::newRow("babyllama") << "data/models/babyllama-tok105.f32.gguf"
                               << "golden2/kl/babyllama-text.txt"
                               << "golden2/kl/babyllama-tok105.imatrix.gguf";
}

void ImatrixTest::smallModels_haveTheReferencesImportance() {
    QFETCH(const QString, model);
    QFETCH(const QString, text);
    QFETCH(const QString, golden);
    const fs::path shared = test::sharedFolder();
    SOTTO_NEEDS_SHARED(model.toStdString());
    SOTTO_NEEDS_SHARED(golden.toStdString());
    ImatrixOptions options;
    options.output = at("own.gguf");
    options.contextTokens = 128;
    options.maxChunks = 8;
    const auto result =
        measure(shared / model.toStdString(), test::readText(shared / text.toStdString()), options);
    QVERIFY2(result.has_value(), result ? "" : result.error().message.c_str());
    QCOMPARE(result->chunks, std::int64_t{8});
    QCOMPARE(result->entries, std::int64_t{35});
    const auto ours = readImportance(at("own.gguf"));
    const auto theirs = readImportance(shared / golden.toStdString());
    QVERIFY(ours && theirs);
    QCOMPARE(ours->nChunks, theirs->nChunks);
    QCOMPARE(ours->chunkTokens, theirs->chunkTokens);
    QCOMPARE(ours->entries.size(), theirs->entries.size());
    for (const auto& [name, entry] : theirs->entries) {
        const auto found = ours->entries.find(name);
        QVERIFY2(found != ours->entries.end(), name.c_str());
        QVERIFY(found->second.counts == entry.counts);
        QCOMPARE(found->second.sums.size(), entry.sums.size());
        // The bound of golden2/README.md: both engines round their activations in other places.
        const double error = relativeError(found->second.sums, entry.sums);
        QVERIFY2(error <= 1e-3,
                 qPrintable(QString("%1: %2").arg(QString::fromStdString(name)).arg(error)));
    }
}

// Each row goes to so many experts, each of which multiplies gate and up with the same rows.
void ImatrixTest::mixture_countsTheRowsOfEachExpert() {
    test::TinyModel model;
    model.architecture = "qwen3moe";
    model.nExperts = 6;
    model.nExpertsUsed = 2;
    for (const DType type : {DType::F32, DType::Q8_0}) {
        QVERIFY(test::writeTinyModel(withTypes(model, type), at("moe.gguf")).has_value());
        ImatrixOptions options;
        options.output = at("moe.imatrix");
        options.contextTokens = 64;
        options.maxChunks = 2;
        const auto result = measure(at("moe.gguf"), longText(), options);
        QVERIFY2(result.has_value(), result ? "" : result.error().message.c_str());
        const auto matrix = readImportance(at("moe.imatrix"));
        QVERIFY(matrix.has_value());
        const ImportanceEntry& query = matrix->entries.at("blk.0.attn_q.weight");
        const ImportanceEntry& router = matrix->entries.at("blk.0.ffn_gate_inp.weight");
        const ImportanceEntry& gate = matrix->entries.at("blk.0.ffn_gate_exps.weight");
        const ImportanceEntry& up = matrix->entries.at("blk.0.ffn_up_exps.weight");
        const ImportanceEntry& down = matrix->entries.at("blk.0.ffn_down_exps.weight");
        QVERIFY(query.counts == std::vector<float>{128.0f});
        QCOMPARE(gate.counts.size(), std::size_t{6});
        float nRows = 0;
        for (const float count : gate.counts) nRows += count;
        QCOMPARE(nRows, 2 * 128.0f);
        QVERIFY(gate.counts == up.counts && gate.counts == down.counts);
        QVERIFY(gate.sums == up.sums);
        QCOMPARE(down.sums.size(), std::size_t{6 * 128});
        // Every row counts twice, once for each of its experts: the router saw it once.
        for (std::size_t column = 0; column < router.sums.size(); ++column) {
            double sum = 0;
            for (std::size_t expert = 0; expert < 6; ++expert)
                sum += double(gate.sums[expert * router.sums.size() + column]);
            // Seven roundings to float32.
            QVERIFY(std::fabs(sum - 2.0 * double(router.sums[column])) <=
                    8 * 0x1p-24 * 2.0 * double(router.sums[column]));
        }
    }
}

void ImatrixTest::stopped_goesOnAndEndsUpTheSame() {
    QVERIFY(test::writeTinyModel({}, at("tiny.gguf")).has_value());
    ImatrixOptions options;
    options.contextTokens = 32;
    options.maxChunks = 6;
    options.output = at("whole.gguf");
    QVERIFY(measure(at("tiny.gguf"), longText(), options).has_value());
    options.output = at("parts.gguf");
    const auto stopped = measure(at("tiny.gguf"), longText(), options,
                                 [](std::int64_t done, std::int64_t) { return done < 4 * 32; });
    QVERIFY(!stopped && stopped.error().code == ErrorCode::Cancelled);
    QVERIFY(!fs::exists(at("parts.gguf")));
    QVERIFY(fs::exists(at("parts.gguf.imatrix-part")));
    const auto rest = measure(at("tiny.gguf"), longText(), options);
    QVERIFY2(rest.has_value(), rest ? "" : rest.error().message.c_str());
    QCOMPARE(rest->resumedChunks, std::int64_t{4});
    QCOMPARE(rest->chunks, std::int64_t{6});
    QVERIFY(!fs::exists(at("parts.gguf.imatrix-part")));
    const auto whole = readImportance(at("whole.gguf"));
    const auto parts = readImportance(at("parts.gguf"));
    QVERIFY(whole && parts && parts->origin.empty());
    for (const auto& [name, entry] : whole->entries) {
        const ImportanceEntry& other = parts->entries.at(name);
        QVERIFY(other.counts == entry.counts);
        // Rounded to float32 once more, at the stop.
        for (std::size_t index = 0; index < entry.sums.size(); ++index)
            QVERIFY(std::fabs(other.sums[index] - entry.sums[index]) <=
                    2 * 0x1p-24f * entry.sums[index]);
    }
}

// Chunks of two steps: the stop comes between those of the third one.
void ImatrixTest::stoppedInAChunk_forgetsItsHalf() {
    QVERIFY(test::writeTinyModel({}, at("tiny.gguf")).has_value());
    ImatrixOptions options;
    options.contextTokens = 256;
    options.maxChunks = 3;
    std::string text;
    for (int copy = 0; copy < 3; ++copy) text += longText();
    options.output = at("half.gguf");
    const auto stopped =
        measure(at("tiny.gguf"), text, options,
                [](std::int64_t done, std::int64_t) { return done < 2 * 256 + 128; });
    QVERIFY(!stopped && stopped.error().code == ErrorCode::Cancelled);
    const auto part = readImportance(at("half.gguf.imatrix-part"));
    QVERIFY2(part.has_value(), part ? "" : part.error().message.c_str());
    QCOMPARE(part->nChunks, 2u);
    QVERIFY(part->entries.at("blk.0.attn_q.weight").counts == std::vector<float>{512.0f});
    const auto rest = measure(at("tiny.gguf"), text, options);
    QVERIFY2(rest.has_value(), rest ? "" : rest.error().message.c_str());
    QCOMPARE(rest->resumedChunks, std::int64_t{2});
    const auto whole = readImportance(at("half.gguf"));
    QVERIFY(whole->entries.at("blk.0.attn_q.weight").counts == std::vector<float>{768.0f});
}

// What has the name of an unfinished measurement and is none, is neither replaced nor removed.
void ImatrixTest::foreignFile_isLeftAlone() {
    QVERIFY(test::writeTinyModel({}, at("tiny.gguf")).has_value());
    ImatrixOptions options;
    options.contextTokens = 32;
    options.maxChunks = 1;
    options.output = at("mine.gguf");
    const auto bytes = test::readBytes(at("tiny.gguf"));
    QVERIFY(test::writeBytes(at("mine.gguf.imatrix-part"), bytes));
    const auto result = measure(at("tiny.gguf"), longText(), options);
    QVERIFY(!result && result.error().code == ErrorCode::InvalidArgument);
    QVERIFY(test::readBytes(at("mine.gguf.imatrix-part")) == bytes);
    // A download's part of that name is another file.
    QVERIFY(fs::remove(at("mine.gguf.imatrix-part")));
    QVERIFY(test::writeBytes(at("mine.gguf.part"), bytes));
    QVERIFY(measure(at("tiny.gguf"), longText(), options).has_value());
    QVERIFY(test::readBytes(at("mine.gguf.part")) == bytes);
}

void ImatrixTest::anotherText_beginsAnew() {
    QVERIFY(test::writeTinyModel({}, at("tiny.gguf")).has_value());
    ImatrixOptions options;
    options.contextTokens = 32;
    options.maxChunks = 3;
    options.output = at("other.gguf");
    const auto stop = [](std::int64_t done, std::int64_t) { return done < 2 * 32; };
    QVERIFY(!measure(at("tiny.gguf"), longText(), options, stop));
    QVERIFY(std::filesystem::exists(at("other.gguf.imatrix-part")));
    const auto other = measure(at("tiny.gguf"), "a dog. " + longText(), options);
    QVERIFY2(other.has_value(), other ? "" : other.error().message.c_str());
    QCOMPARE(other->resumedChunks, std::int64_t{0});
}

void ImatrixTest::head_isMeasuredWhenAskedFor() {
    QVERIFY(test::writeTinyModel({}, at("tiny.gguf")).has_value());
    ImatrixOptions options;
    options.contextTokens = 32;
    options.maxChunks = 1;
    options.output = at("head.gguf");
    options.hasHead = true;
    QVERIFY(measure(at("tiny.gguf"), longText(), options).has_value());
    const auto matrix = readImportance(at("head.gguf"));
    QVERIFY(matrix && matrix->entries.contains("output.weight"));
    QVERIFY(matrix->entries.at("output.weight").counts == std::vector<float>{32.0f});
}

void ImatrixTest::sensitivities_areOfAllMatrices() {
    test::TinyModel model;
    model.architecture = "qwen3moe";
    model.nExperts = 4;
    for (const bool hasOwnHead : {true, false}) {
        model.hasOutputHead = hasOwnHead;
        QVERIFY(test::writeTinyModel(model, at("tiny.gguf")).has_value());
        ImatrixOptions options;
        options.contextTokens = 32;
        options.maxChunks = 3;
        options.output = at("own.gguf");
        QVERIFY(measure(at("tiny.gguf"), longText(), options).has_value());
        const auto plain = readImportance(at("own.gguf"));
        QVERIFY(plain && plain->sensitivities.empty());
        options.hasSensitivity = true;
        const auto result = measure(at("tiny.gguf"), longText(), options);
        QVERIFY2(result.has_value(), result ? "" : result.error().message.c_str());
        const auto matrix = readImportance(at("own.gguf"));
        QVERIFY2(matrix.has_value(), matrix ? "" : matrix.error().message.c_str());
        // Of two layers four of the attention and three stacks, the embedding and the head; the
        // router stays as it is in every quantized file.
        QCOMPARE(matrix->sensitivities.size(), std::size_t(2 * 7 + (hasOwnHead ? 2 : 1)));
        for (const auto& [name, value] : matrix->sensitivities)
            QVERIFY2(value > 0 && std::isfinite(value), name.c_str());
        QVERIFY(matrix->sensitivities.contains("blk.1.ffn_down_exps.weight"));
        // The sums are those that they are without, and of the model's own weights.
        QVERIFY(matrix->entries.at("blk.1.ffn_down_exps.weight").sums ==
                plain->entries.at("blk.1.ffn_down_exps.weight").sums);
    }
}

// In blocks of Q4_0 already: the coarse quantizer takes nothing away, which is no measurement.
void ImatrixTest::matrixThatFourBitsHold_hasNoSensitivity() {
    test::TinyModel model;
    model.attentionType = DType::Q4_0;
    QVERIFY(test::writeTinyModel(model, at("tiny.gguf")).has_value());
    ImatrixOptions options;
    options.contextTokens = 32;
    options.maxChunks = 3;
    options.output = at("own.gguf");
    options.hasSensitivity = true;
    const auto result = measure(at("tiny.gguf"), longText(), options);
    QVERIFY2(result.has_value(), result ? "" : result.error().message.c_str());
    const auto matrix = readImportance(at("own.gguf"));
    QVERIFY2(matrix.has_value(), matrix ? "" : matrix.error().message.c_str());
    // Of two layers gate, up and down, the embedding and the head.
    QCOMPARE(matrix->sensitivities.size(), std::size_t{2 * 3 + 2});
    for (const auto& [name, value] : matrix->sensitivities) {
        QVERIFY2(name.find("attn_") == std::string::npos, name.c_str());
        QVERIFY2(value > 0, name.c_str());
    }
}

void ImatrixTest::rowThatNoTextReads_isNamedWhenMeasured() {
    const test::TinyModel model;
    const GgufWriter writer = describeTinyModel(model);
    const auto weights = test::tinyWeights(writer, 1);
    const auto source = [&](const GgufRowRange& range, std::span<std::byte> out) -> Status {
        SOTTO_TRY(weights(range, out));
        const bool hasLast = range.firstRow + range.nRows == model.nVocab;
        if (writer.tensors()[range.tensorIndex].name != "token_embd.weight" || !hasLast) return {};
        const float nan = std::numeric_limits<float>::quiet_NaN();
        std::memcpy(out.data() + out.size() - sizeof nan, &nan, sizeof nan);
        return {};
    };
    QVERIFY(writer.write(at("broken.gguf"), source).has_value());
    ImatrixOptions options;
    options.contextTokens = 32;
    options.maxChunks = 1;
    options.output = at("unread.imatrix");
    QVERIFY(measure(at("broken.gguf"), longText(), options).has_value());
    options.output = at("sensitive.imatrix");
    options.hasSensitivity = true;
    const auto result = measure(at("broken.gguf"), longText(), options);
    QVERIFY(!result && result.error().code == ErrorCode::FileDamaged);
    QVERIFY2(result.error().message.find("token_embd.weight") != std::string::npos,
             result.error().message.c_str());
}

void ImatrixTest::stoppedAtSensitivities_keepsTheSums() {
    QVERIFY(test::writeTinyModel({}, at("tiny.gguf")).has_value());
    ImatrixOptions options;
    options.contextTokens = 32;
    options.maxChunks = 3;
    options.output = at("sensitive.gguf");
    options.hasSensitivity = true;
    bool isWhole = false;
    const auto stopped =
        measure(at("tiny.gguf"), longText(), options, [&](std::int64_t done, std::int64_t total) {
            isWhole = isWhole || (done == total && total == 3 * 32);
            return !fs::exists(at("sensitive.gguf.imatrix-part"));
        });
    QVERIFY(!stopped && stopped.error().code == ErrorCode::Cancelled);
    QVERIFY(!fs::exists(at("sensitive.gguf")));
    const auto rest = measure(at("tiny.gguf"), longText(), options);
    QVERIFY2(rest.has_value(), rest ? "" : rest.error().message.c_str());
    QCOMPARE(rest->resumedChunks, std::int64_t{3});
    QVERIFY(!readImportance(at("sensitive.gguf"))->sensitivities.empty());
}

// Of 14 layers ten or eleven are measured; those between have a figure between their neighbours'.
void ImatrixTest::deepModel_isMeasuredInSomeLayers() {
    test::TinyModel model;
    model.nLayers = 14;
    QVERIFY(test::writeTinyModel(model, at("deep.gguf")).has_value());
    ImatrixOptions options;
    options.contextTokens = 32;
    options.maxChunks = 1;
    options.output = at("deep.imatrix");
    options.hasSensitivity = true;
    const auto result = measure(at("deep.gguf"), longText(), options);
    QVERIFY2(result.has_value(), result ? "" : result.error().message.c_str());
    const auto matrix = readImportance(at("deep.imatrix"));
    QVERIFY(matrix.has_value());
    QCOMPARE(matrix->sensitivities.size(), std::size_t{14 * 7 + 2});
    // Evenly from 0 to 13 in ten: 2 is between 1 and 2.9, so that 3 is left out.
    const auto value = [&](int layer) {
        return matrix->sensitivities.at("blk." + std::to_string(layer) + ".ffn_up.weight");
    };
    const double middle = std::sqrt(value(2) * value(4));
    QVERIFY2(std::fabs(value(3) - middle) <= 1e-4 * middle,
             qPrintable(QString("%1 %2 %3").arg(value(2)).arg(value(3)).arg(value(4))));
}

void ImatrixTest::brokenModel_namesTheMatrix() {
    test::TinyModel model;
    const GgufWriter writer = describeTinyModel(model);
    const auto weights = test::tinyWeights(writer, 1);
    const auto source = [&](const GgufRowRange& range, std::span<std::byte> out) -> Status {
        SOTTO_TRY(weights(range, out));
        if (writer.tensors()[range.tensorIndex].name != "blk.1.ffn_norm.weight") return {};
        const float nan = std::numeric_limits<float>::quiet_NaN();
        std::memcpy(out.data(), &nan, sizeof nan);
        return {};
    };
    QVERIFY(writer.write(at("broken.gguf"), source).has_value());
    ImatrixOptions options;
    options.contextTokens = 32;
    options.maxChunks = 1;
    options.output = at("broken.imatrix");
    const auto result = measure(at("broken.gguf"), longText(), options);
    QVERIFY(!result && result.error().code == ErrorCode::FileDamaged);
    QVERIFY2(result.error().message.find("blk.1.ffn_") != std::string::npos,
             result.error().message.c_str());
    QVERIFY(!fs::exists(at("broken.imatrix")));
}

void ImatrixTest::badInput_isOneSentence() {
    QVERIFY(test::writeTinyModel({}, at("tiny.gguf")).has_value());
    ImatrixOptions options;
    options.output = at("bad.gguf");
    options.contextTokens = 128;
    const auto tooShort = measure(at("tiny.gguf"), "the cat", options);
    QVERIFY(!tooShort && tooShort.error().code == ErrorCode::InvalidArgument);
    options.contextTokens = 4096;  // the model reads 256
    QVERIFY(!measure(at("tiny.gguf"), longText(), options));
    options.contextTokens = 32;
    options.output = at("tiny.gguf");
    const auto over = measure(at("tiny.gguf"), longText(), options);
    QVERIFY(!over && over.error().message.find("is what is being read") != std::string::npos);
    QVERIFY(!fs::exists(at("bad.gguf")) && !fs::exists(at("bad.gguf.imatrix-part")));
}

QTEST_GUILESS_MAIN(ImatrixTest)
#include "imatrix_test.moc"
