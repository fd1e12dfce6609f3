// Quantizing whole files: what is written is what the quantizers give for each tensor, the rest of
// the file is the source's, and what goes wrong leaves nothing behind.
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/hash.h"
#include "engine/api/evaluate.h"
#include "engine/api/inspect.h"
#include "engine/api/quantize.h"
#include "engine/gguf/gguf_reader.h"
#include "engine/quant/dequantize_reference.h"
#include "engine/quant/quantize.h"
#include "engine/quantize/importance.h"
#include "tests/support/golden_files.h"
#include "tests/support/process_limits.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;
namespace fs = std::filesystem;

namespace {

test::TinyModel wideModel() {
    test::TinyModel model;
    model.nLayers = 4;
    model.nEmbd = 256;
    model.nFf = 512;
    model.headDim = 64;
    model.chatTemplate = "{% for m in messages %}{{ m.content }}{% endfor %}";
    return model;
}

test::TinyModel mixture() {
    test::TinyModel model = wideModel();
    model.architecture = "qwen3moe";
    model.nLayers = 2;
    model.nFf = 256;
    model.nExperts = 4;
    return model;
}

std::vector<float> valuesOf(const GgufTensor& tensor) {
    std::vector<float> values(static_cast<std::size_t>(tensor.elementCount()));
    dequantizeRow(tensor.type, tensor.bytes, values);
    return values;
}

// What the quantizer makes of all of a tensor, matrix by matrix.
std::vector<std::byte> quantized(const GgufTensor& tensor, DType type,
                                 const std::vector<float>& importance) {
    const std::vector<float> values = valuesOf(tensor);
    const auto nColumns = static_cast<std::size_t>(tensor.shape[0]);
    const auto nRows = static_cast<std::size_t>(tensor.shape[1]);
    std::vector<std::byte> bytes(rowBytes(type, values.size()));
    const std::size_t nMatrices = values.size() / nColumns / nRows;
    for (std::size_t matrix = 0; matrix < nMatrices; ++matrix) {
        QuantizeArgs args;
        args.type = type;
        args.rows = std::span(values).subspan(matrix * nRows * nColumns, nRows * nColumns);
        args.nColumns = tensor.shape[0];
        if (!importance.empty())
            args.importance = std::span(importance).subspan(matrix * nColumns, nColumns);
        const std::size_t size = rowBytes(type, nColumns) * nRows;
        if (!quantizeRows(args, std::span(bytes).subspan(matrix * size, size))) return {};
    }
    return bytes;
}

double rmsError(const std::vector<float>& values, const std::vector<float>& others) {
    double sum = 0;
    for (std::size_t index = 0; index < values.size(); ++index) {
        const double error = double(values[index]) - double(others[index]);
        sum += error * error;
    }
    return std::sqrt(sum / static_cast<double>(values.size()));
}

// Values of the tensors of `model`, of which some are put in other places.
struct OddValue {
    std::string tensor;
    std::size_t index = 0;
    float value = 0;
};

bool writeWith(const test::TinyModel& model, const fs::path& path, const OddValue& odd) {
    const GgufWriter writer = describeTinyModel(model);
    const auto weights = test::tinyWeights(writer, model.seed);
    return writer
        .write(
            path,
            [&](const GgufRowRange& range, std::span<std::byte> out) -> Status {
                SOTTO_TRY(weights(range, out));
                const GgufTensorPlan& tensor = writer.tensors()[range.tensorIndex];
                const auto first = static_cast<std::size_t>(range.firstRow * tensor.shape.front());
                const std::size_t nValues = out.size() / sizeof(float);
                if (tensor.name == odd.tensor && odd.index >= first && odd.index < first + nValues)
                    std::memcpy(out.data() + (odd.index - first) * sizeof(float), &odd.value,
                                sizeof(float));
                return {};
            })
        .has_value();
}

}  // namespace

class QuantizeModelTest : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path at(const std::string& name) const {
        return fs::path(m_folder->path().toStdString()) / name;
    }
    QStringList files() const {
        return QDir(m_folder->path()).entryList(QDir::Files | QDir::Hidden, QDir::Name);
    }
    QuantizeOptions optionsFor(const std::string& type) const {
        QuantizeOptions options;
        options.source = at("source.gguf");
        options.target = at("target.gguf");
        options.type = type;
        options.nThreads = 2;
        return options;
    }
    void writeSource(const test::TinyModel& model) {
        QVERIFY(writeTinyModel(model, at("source.gguf")).has_value());
    }
    void expectRefusal(const Result<QuantizeReport>& result, ErrorCode code, const char* part) {
        QVERIFY2(!result.has_value(), "it went well");
        QVERIFY2(result.error().code == code, result.error().message.c_str());
        QVERIFY2(result.error().message.find(part) != std::string::npos,
                 result.error().message.c_str());
        QCOMPARE(files().filter("target"), QStringList());
    }

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void tensors_areWhatTheQuantizerGives();
    void keysAndTokenizer_stayByteForByte();
    void newFile_saysWhatItWasMadeFrom();
    void newFile_opensAndAnswers();
    void plan_isWhatIsMade();
    void bytes_doNotDependOnThreads();
    void experts_haveWeightsOfTheirOwn();
    void splitSource_becomesOneFile();
    void quantizedSource_warnsAndKeepsWhatIsThere();
    void keepRules_areFollowed();
    void keepRule_forNothingIsRefused();
    void widths_areToldInAWarning();
    void numbers_thatAreNoneAreNamed_data();
    void numbers_thatAreNoneAreNamed();
    void valueBeyondF16_isNamed();
    void missingImportance_isRefused();
    void anotherModelsImportance_isRefused();
    void fullDisk_leavesNothing();
    void tooLargeForTheDisk_isRefusedAtOnce();
    void cancel_leavesNothing();
    void source_isNeverReplaced();
    void olderFile_staysUntilTheNewOneIsWhole();
    void unknownType_namesTheKnownOnes();
};

void QuantizeModelTest::tensors_areWhatTheQuantizerGives() {
    writeSource(wideModel());
    const auto report = quantizeModel(optionsFor("Q4_K_M"), {});
    QVERIFY2(report.has_value(), report ? "" : report.error().message.c_str());
    const auto source = GgufFile::open(at("source.gguf"));
    const auto target = GgufFile::open(at("target.gguf"));
    QVERIFY(source && target);
    QCOMPARE(target->tensors().size(), source->tensors().size());
    QCOMPARE(report->tensors.size(), source->tensors().size());
    QCOMPARE(report->fileBytes, target->fileBytes());
    int nQ4 = 0, nQ6 = 0;
    for (std::size_t index = 0; index < report->tensors.size(); ++index) {
        const QuantizedTensor& told = report->tensors[index];
        const GgufTensor& from = source->tensors()[index];
        const GgufTensor& to = target->tensors()[index];
        QCOMPARE(to.name, from.name);
        QVERIFY(to.shape == from.shape && to.type == told.to && from.type == told.from);
        nQ4 += to.type == DType::Q4_K ? 1 : 0;
        nQ6 += to.type == DType::Q6_K ? 1 : 0;
        if (to.type == from.type) {
            QVERIFY(std::ranges::equal(to.bytes, from.bytes));
            QCOMPARE(told.rmse, 0.0);
            continue;
        }
        QVERIFY2(std::ranges::equal(to.bytes, quantized(from, to.type, {})), to.name.c_str());
        // Both sums in double; they are added in another order.
        const double expected = rmsError(valuesOf(from), valuesOf(to));
        QVERIFY(std::fabs(told.rmse - expected) <= 1e-9 * expected);
    }
    // Of four layers the values and downs of 2 (every third) and 3 (the last eighth) have more
    // bits.
    QCOMPARE(nQ6, 2 * 2 + 1);
    QCOMPARE(nQ4, 4 * 7 + 1 - 2 * 2);
}

void QuantizeModelTest::keysAndTokenizer_stayByteForByte() {
    writeSource(wideModel());
    QVERIFY(quantizeModel(optionsFor("Q8_0"), {}).has_value());
    const auto source = GgufFile::open(at("source.gguf"));
    const auto target = GgufFile::open(at("target.gguf"));
    QVERIFY(source && target);
    const auto pairs = target->metadata().encoded();
    QVERIFY(source->metadata().encoded().size() >= 15);
    std::size_t place = 0;
    for (const GgufEncodedPair& pair : source->metadata().encoded()) {
        QVERIFY(pairs[place].key == pair.key);
        QVERIFY(std::ranges::equal(pairs[place].value, pair.value));
        ++place;
    }
    QCOMPARE(target->metadata().unsignedInteger("general.file_type").value_or(0), 7u);
    QCOMPARE(target->metadata().unsignedInteger("general.quantization_version").value_or(0), 2u);
}

void QuantizeModelTest::newFile_saysWhatItWasMadeFrom() {
    writeSource(wideModel());
    ImportanceMatrix importance;
    importance.entries["blk.0.ffn_up.weight"] = {std::vector<float>(256, 2.0f), {4.0f}};
    importance.datasets = {"some text"};
    importance.nChunks = 12;
    QVERIFY(writeImportance(importance, at("own.imatrix"), {}).has_value());
    QuantizeOptions options = optionsFor("q4_k_s");
    options.importance = at("own.imatrix");
    options.keep = {"attn_v=Q8_0"};
    const auto report = quantizeModel(options, {});
    QVERIFY2(report.has_value(), report ? "" : report.error().message.c_str());
    QCOMPARE(report->warnings.size(), std::size_t{1});
    const std::string told = "has nothing for " + std::to_string(report->nUnmeasured) + " of";
    QVERIFY2(report->nUnmeasured > 0 && report->warnings.front().find(told) != std::string::npos,
             report->warnings.front().c_str());

    const auto target = GgufFile::open(at("target.gguf"));
    QVERIFY(target.has_value());
    const GgufMetadata& keys = target->metadata();
    Hash hash;
    hash.append(test::readBytes(at("source.gguf")));
    QVERIFY(*keys.strings("sotto.quantize.source_sha256") ==
            std::vector<std::string_view>{hash.finish()});
    QVERIFY(*keys.strings("sotto.quantize.source") == std::vector<std::string_view>{"source.gguf"});
    QCOMPARE(keys.string("sotto.quantize.recipe").value_or(""),
             std::string_view("Q4_K_S, method search, keep attn_v=Q8_0"));
    QVERIFY(keys.string("sotto.quantize.version").has_value());
    QCOMPARE(keys.string("quantize.imatrix.file").value_or(""), std::string_view("own.imatrix"));
    QCOMPARE(keys.string("quantize.imatrix.dataset").value_or(""), std::string_view("some text"));
    QCOMPARE(keys.unsignedInteger("quantize.imatrix.entries_count").value_or(0), 1u);
    QCOMPARE(keys.unsignedInteger("quantize.imatrix.chunks_count").value_or(0), 12u);

    // Made into another one, without a matrix: what an earlier quantizing left is not true of it.
    QuantizeOptions again = optionsFor("Q4_0");
    again.source = at("target.gguf");
    again.target = at("second.gguf");
    QVERIFY(quantizeModel(again, {}).has_value());
    const auto second = GgufFile::open(at("second.gguf"));
    QVERIFY(second && !second->metadata().has("quantize.imatrix.file"));
}

void QuantizeModelTest::newFile_opensAndAnswers() {
    writeSource(wideModel());
    QVERIFY(quantizeModel(optionsFor("Q5_K_M"), {}).has_value());
    LoadOptions load;
    load.path = at("target.gguf");
    const auto info = inspectModel(load);
    QVERIFY2(info.has_value(), info ? "" : info.error().message.c_str());
    QCOMPARE(info->quantization, std::string("Q5_K_M"));
    EngineOptions engine;
    engine.device = "cpu";
    const std::vector<std::int32_t> tokens{1, 5, 9, 12};
    int nRows = 0;
    const Status status = evaluateLogits(
        engine, load, tokens, [&](std::int64_t, std::span<const float>) { ++nRows; }, {});
    QVERIFY2(status.has_value(), status ? "" : status.error().message.c_str());
    QCOMPARE(nRows, 4);
}

void QuantizeModelTest::plan_isWhatIsMade() {
    writeSource(wideModel());
    const auto plan = planQuantization(optionsFor("Q4_K_M"));
    QVERIFY2(plan.has_value(), plan ? "" : plan.error().message.c_str());
    QCOMPARE(files(), QStringList("source.gguf"));
    const auto made = quantizeModel(optionsFor("Q4_K_M"), {});
    QVERIFY(made.has_value());
    QCOMPARE(plan->fileBytes, fs::file_size(at("target.gguf")));
    QCOMPARE(plan->bitsPerWeight, made->bitsPerWeight);
    for (std::size_t index = 0; index < plan->tensors.size(); ++index)
        QVERIFY(plan->tensors[index].to == made->tensors[index].to);
}

void QuantizeModelTest::bytes_doNotDependOnThreads() {
    writeSource(wideModel());
    QuantizeOptions options = optionsFor("Q4_K_M");
    options.nThreads = 1;
    const auto one = quantizeModel(options, {});
    options.nThreads = 5;
    options.target = at("second.gguf");
    const auto five = quantizeModel(options, {});
    QVERIFY(one && five);
    QVERIFY(test::readBytes(at("target.gguf")) == test::readBytes(at("second.gguf")));
    for (std::size_t index = 0; index < one->tensors.size(); ++index)
        QCOMPARE(one->tensors[index].rmse, five->tensors[index].rmse);
}

void QuantizeModelTest::experts_haveWeightsOfTheirOwn() {
    const test::TinyModel model = mixture();
    writeSource(model);
    ImportanceMatrix importance;
    ImportanceEntry entry;
    // The last expert met no row: its columns all weigh the same.
    for (std::uint32_t expert = 0; expert < model.nExperts; ++expert) {
        const bool isChosen = expert + 1 < model.nExperts;
        entry.counts.push_back(isChosen ? 4.0f : 0.0f);
        for (std::uint32_t column = 0; column < model.nEmbd; ++column)
            entry.sums.push_back(isChosen ? static_cast<float>((expert * 37 + column * 11) % 29)
                                          : 0.0f);
    }
    importance.entries["blk.1.ffn_up_exps.weight"] = entry;
    QVERIFY(writeImportance(importance, at("own.imatrix"), {}).has_value());
    QuantizeOptions options = optionsFor("Q4_K_S");
    options.importance = at("own.imatrix");
    QVERIFY(quantizeModel(options, {}).has_value());
    const auto source = GgufFile::open(at("source.gguf"));
    const auto target = GgufFile::open(at("target.gguf"));
    QVERIFY(source && target);
    const GgufTensor& from = *source->find("blk.1.ffn_up_exps.weight");
    const GgufTensor& to = *target->find("blk.1.ffn_up_exps.weight");
    const auto weights = importance.weightsOf(from.name, model.nExperts, model.nEmbd);
    QVERIFY(weights.has_value());
    QVERIFY(std::ranges::equal(to.bytes, quantized(from, to.type, *weights)));
    // Without the matrix other bytes would have come out: the test can fail.
    QVERIFY(!std::ranges::equal(to.bytes, quantized(from, to.type, {})));
}

void QuantizeModelTest::splitSource_becomesOneFile() {
    const test::TinyModel model = wideModel();
    const GgufWriter whole = describeTinyModel(model);
    const std::size_t nTensors = whole.tensors().size();
    for (std::uint16_t part = 0; part < 2; ++part) {
        GgufWriter own;
        // The keys are all in the first part, and half of the tensors in each.
        const auto bytes = whole.headerBytes();
        QVERIFY(bytes.has_value());
        const auto header = GgufFile::parseHeader(*bytes, "x");
        QVERIFY(header.has_value());
        if (part == 0)
            for (const GgufEncodedPair& pair : header->metadata().encoded())
                own.addValue(std::string(pair.key),
                             GgufEncodedValue{{pair.value.begin(), pair.value.end()}});
        own.addValue("split.no", part);
        own.addValue("split.count", std::uint16_t{2});
        own.addValue("split.tensors.count", static_cast<std::int32_t>(nTensors));
        for (std::size_t index = 0; index < nTensors; ++index)
            if ((index < nTensors / 2) == (part == 0)) own.addTensor(whole.tensors()[index]);
        const std::string name =
            part == 0 ? "source-00001-of-00002.gguf" : "source-00002-of-00002.gguf";
        QVERIFY(own.write(at(name), test::tinyWeights(own, model.seed)).has_value());
    }
    writeSource(model);
    QuantizeOptions options = optionsFor("Q4_K_M");
    QVERIFY(quantizeModel(options, {}).has_value());
    options.source = at("source-00001-of-00002.gguf");
    options.target = at("second.gguf");
    const auto report = quantizeModel(options, {});
    QVERIFY2(report.has_value(), report ? "" : report.error().message.c_str());
    const auto one = GgufFile::open(at("target.gguf"));
    const auto joined = GgufFile::open(at("second.gguf"));
    QVERIFY(one && joined);
    QVERIFY(!joined->metadata().has("split.count"));
    QCOMPARE(joined->metadata().strings("sotto.quantize.source_sha256")->size(), std::size_t{2});
    QCOMPARE(joined->tensors().size(), one->tensors().size());
    for (const GgufTensor& tensor : one->tensors())
        QVERIFY(std::ranges::equal(joined->find(tensor.name)->bytes, tensor.bytes));
}

void QuantizeModelTest::quantizedSource_warnsAndKeepsWhatIsThere() {
    writeSource(withTypes(wideModel(), DType::Q6_K));
    const auto report = quantizeModel(optionsFor("Q6_K"), {});
    QVERIFY2(report.has_value(), report ? "" : report.error().message.c_str());
    QVERIFY(report->warnings.empty());  // nothing of it is quantized again
    const auto source = GgufFile::open(at("source.gguf"));
    const auto target = GgufFile::open(at("target.gguf"));
    QVERIFY(source && target);
    for (const GgufTensor& tensor : source->tensors())
        QVERIFY(std::ranges::equal(target->find(tensor.name)->bytes, tensor.bytes));

    const auto smaller = quantizeModel(optionsFor("Q4_K_S"), {});
    QVERIFY(smaller.has_value());
    QCOMPARE(smaller->warnings.size(), std::size_t{1});
    QVERIFY(smaller->warnings.front().find("quantized already") != std::string::npos);
}

void QuantizeModelTest::keepRules_areFollowed() {
    writeSource(wideModel());
    QuantizeOptions options = optionsFor("Q4_K_M");
    options.keep = {"blk.?.ffn_down.*=Q8_0", "attn_v=F16", "blk.0.attn_v=Q5_1"};
    const auto report = planQuantization(options);
    QVERIFY2(report.has_value(), report ? "" : report.error().message.c_str());
    for (const QuantizedTensor& tensor : report->tensors) {
        if (tensor.name.find("ffn_down") != std::string::npos) QVERIFY(tensor.to == DType::Q8_0);
        if (tensor.name.ends_with("attn_v.weight"))
            QVERIFY(tensor.to == (tensor.name.starts_with("blk.0.") ? DType::Q5_1 : DType::F16));
        if (tensor.name.find("norm") != std::string::npos) QVERIFY(tensor.to == DType::F32);
    }
}

void QuantizeModelTest::keepRule_forNothingIsRefused() {
    writeSource(wideModel());
    QuantizeOptions options = optionsFor("Q4_K_M");
    options.keep = {"attn_vv=Q8_0"};
    expectRefusal(quantizeModel(options, {}), ErrorCode::InvalidArgument, "attn_vv");
    // A norm stays as it is whatever a rule says, so that one for norms alone is for nothing.
    options.keep = {"attn_norm=Q8_0"};
    expectRefusal(quantizeModel(options, {}), ErrorCode::InvalidArgument, "attn_norm");
}

void QuantizeModelTest::widths_areToldInAWarning() {
    writeSource({});  // rows of 64 and 128
    const auto report = quantizeModel(optionsFor("Q4_K_S"), {});
    QVERIFY2(report.has_value(), report ? "" : report.error().message.c_str());
    QVERIFY(!report->warnings.empty());
    QVERIFY2(report->warnings.front().find("Q5_0 instead of Q4_K") != std::string::npos,
             report->warnings.front().c_str());
    const auto target = GgufFile::open(at("target.gguf"));
    QVERIFY(target && target->find("blk.1.attn_q.weight")->type == DType::Q5_0);
}

void QuantizeModelTest::numbers_thatAreNoneAreNamed_data() {
    QTest::addColumn<QString>("tensor");
    QTest::addColumn<float>("value");
    const float nan = std::numeric_limits<float>::quiet_NaN();
    QTest::newRow("matrix") << "blk.2.ffn_up.weight" << nan;
    QTest::newRow("infinite") << "blk.3.attn_k.weight" << -std::numeric_limits<float>::infinity();
    QTest::newRow("norm, which is copied") << "blk.1.ffn_norm.weight" << nan;
}

void QuantizeModelTest::numbers_thatAreNoneAreNamed() {
    QFETCH(const QString, tensor);
    QFETCH(const float, value);
    QVERIFY(writeWith(wideModel(), at("source.gguf"), {tensor.toStdString(), 255, value}));
    const auto result = quantizeModel(optionsFor("Q4_K_M"), {});
    expectRefusal(result, ErrorCode::FileDamaged, tensor.toUtf8().constData());
    QVERIFY2(result.error().message.find("row 0, column 255") != std::string::npos,
             result.error().message.c_str());
}

void QuantizeModelTest::valueBeyondF16_isNamed() {
    QVERIFY(writeWith(wideModel(), at("source.gguf"), {"blk.1.attn_q.weight", 300, 1e6f}));
    expectRefusal(quantizeModel(optionsFor("F16"), {}), ErrorCode::InvalidArgument,
                  "blk.1.attn_q.weight");
    QVERIFY(quantizeModel(optionsFor("BF16"), {}).has_value());
    QVERIFY(fs::remove(at("target.gguf")));
    // Rounds to an infinity there, too.
    QVERIFY(writeWith(wideModel(), at("source.gguf"),
                      {"blk.1.attn_q.weight", 300, std::numeric_limits<float>::max()}));
    expectRefusal(quantizeModel(optionsFor("BF16"), {}), ErrorCode::InvalidArgument,
                  "blk.1.attn_q.weight");
}

void QuantizeModelTest::missingImportance_isRefused() {
    writeSource(wideModel());
    expectRefusal(quantizeModel(optionsFor("IQ2_XS"), {}), ErrorCode::InvalidArgument,
                  "needs an importance matrix");
}

void QuantizeModelTest::anotherModelsImportance_isRefused() {
    writeSource(wideModel());
    ImportanceMatrix importance;
    importance.entries["blk.0.ffn_up.weight"] = {std::vector<float>(64, 1.0f), {1.0f}};
    QVERIFY(writeImportance(importance, at("own.imatrix"), {}).has_value());
    QuantizeOptions options = optionsFor("Q4_K_M");
    options.importance = at("own.imatrix");
    expectRefusal(quantizeModel(options, {}), ErrorCode::InvalidArgument, "another model");
    // Before the first byte: a dry run says so too.
    expectRefusal(planQuantization(options), ErrorCode::InvalidArgument, "another model");
    importance.entries.clear();
    importance.entries["blk.0.of_another_kind.weight"] = {std::vector<float>(64, 1.0f), {1.0f}};
    QVERIFY(writeImportance(importance, at("own.imatrix"), {}).has_value());
    expectRefusal(planQuantization(options), ErrorCode::InvalidArgument, "no tensor of this model");
}

// A disk that fills up: at the first bytes of the new file, in its middle and at its end.
void QuantizeModelTest::fullDisk_leavesNothing() {
    writeSource(wideModel());
    const auto plan = planQuantization(optionsFor("Q4_K_M"));
    QVERIFY(plan.has_value());
    for (const std::uint64_t room : {std::uint64_t{10}, plan->fileBytes / 2, plan->fileBytes - 1}) {
        const test::FileSizeLimit limit(room);
        if (!limit.isActive()) QSKIP("this system cannot limit file sizes for a test");
        const auto result = quantizeModel(optionsFor("Q4_K_M"), {});
        expectRefusal(result, ErrorCode::DiskFull, "no room");
        QCOMPARE(files(), QStringList("source.gguf"));
    }
    const test::FileSizeLimit enough(plan->fileBytes);
    QVERIFY(quantizeModel(optionsFor("Q4_K_M"), {}).has_value());
}

// Five times what the disk has left, in a file without blocks: refused before it is read.
void QuantizeModelTest::tooLargeForTheDisk_isRefusedAtOnce() {
    std::error_code error;
    const auto space = fs::space(m_folder->path().toStdString(), error);
    QVERIFY(!error);
    const auto nRows = static_cast<std::int64_t>(space.available) / 4096;
    GgufWriter writer;
    writer.addValue("general.architecture", std::string("llama"));
    writer.addTensor({"blk.0.ffn_up.weight", DType::F32, {4096, nRows * 5}});
    const auto header = writer.headerBytes();
    const auto total = writer.fileBytes();
    if (!header || !total) QSKIP("this disk is larger than a tensor may be");
    QVERIFY(test::writeBytes(at("source.gguf"), *header));
    fs::resize_file(at("source.gguf"), *total, error);
    if (error) QSKIP("this disk has no files without blocks of that size");
    int nCalls = 0;
    const auto result = quantizeModel(optionsFor("Q8_0"), [&](const QuantizeProgress&) {
        ++nCalls;
        return false;
    });
    if (!result && result.error().code == ErrorCode::FileUnreadable)
        QSKIP("this system maps no file of that size");
    expectRefusal(result, ErrorCode::DiskFull, "room");
    QCOMPARE(nCalls, 0);
    QVERIFY(result.error().needed > result.error().available);
}

void QuantizeModelTest::cancel_leavesNothing() {
    writeSource(wideModel());
    int nCalls = 0;
    const auto all = quantizeModel(optionsFor("Q4_K_M"), [&](const QuantizeProgress& progress) {
        ++nCalls;
        return progress.doneBytes <= progress.totalBytes;
    });
    QVERIFY(all && nCalls > 10);
    fs::remove(at("target.gguf"));
    for (const int last : {1, 2, nCalls / 2, nCalls}) {
        int nLeft = last;
        const auto result =
            quantizeModel(optionsFor("Q4_K_M"), [&](const auto&) { return --nLeft > 0; });
        expectRefusal(result, ErrorCode::Cancelled, "Cancelled");
        QCOMPARE(files(), QStringList("source.gguf"));
    }
}

void QuantizeModelTest::source_isNeverReplaced() {
    writeSource(wideModel());
    const auto before = test::readBytes(at("source.gguf"));
    QuantizeOptions options = optionsFor("Q4_K_M");
    options.target = options.source;
    const auto result = quantizeModel(options, {});
    QVERIFY(!result && result.error().code == ErrorCode::InvalidArgument);
    QVERIFY(test::readBytes(at("source.gguf")) == before);
}

void QuantizeModelTest::olderFile_staysUntilTheNewOneIsWhole() {
    writeSource(wideModel());
    QVERIFY(quantizeModel(optionsFor("Q8_0"), {}).has_value());
    const auto before = test::readBytes(at("target.gguf"));
    bool isSame = true;
    const auto result = quantizeModel(optionsFor("Q4_0"), [&](const QuantizeProgress&) {
        isSame = isSame && test::readBytes(at("target.gguf")) == before;
        return true;
    });
    QVERIFY(result && isSame);
    QVERIFY(test::readBytes(at("target.gguf")) != before);
    QCOMPARE(files(), QStringList({"source.gguf", "target.gguf"}));
}

void QuantizeModelTest::unknownType_namesTheKnownOnes() {
    writeSource(wideModel());
    expectRefusal(quantizeModel(optionsFor("Q4_K_XXL"), {}), ErrorCode::InvalidArgument,
                  "Q4_K_M, Q4_K_S");
}

QTEST_GUILESS_MAIN(QuantizeModelTest)
#include "quantize_model_test.moc"
