// Quantizing with folded scales: the folded model computes what the model did, loses less as the
// columns matter, and the file is one that every reader takes.
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/api/evaluate.h"
#include "engine/api/imatrix.h"
#include "engine/api/quantize.h"
#include "engine/gguf/gguf_reader.h"
#include "engine/quant/dequantize_reference.h"
#include "engine/quantize/column_folds.h"
#include "engine/quantize/sensitivity.h"
#include "tests/support/golden_files.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;
namespace fs = std::filesystem;

namespace {

// Some rows or columns twenty times as large: inputs with outliers, of each kind that is folded.
float outlier(std::string_view tensor, std::int64_t row, std::int64_t column) {
    if (tensor.ends_with("_norm.weight")) return column % 13 == 3 ? 20.0f : 1.0f;
    if (tensor.find("attn_v") != tensor.npos) return row % 7 == 2 ? 20.0f : 1.0f;
    if (tensor.find("ffn_up") != tensor.npos) return row % 11 == 5 ? 20.0f : 1.0f;
    return 1.0f;
}

// A model with these outliers, `change` applied to each piece of rows behind them.
using Change =
    std::function<void(std::size_t tensorIndex, std::int64_t firstRow, std::span<float> values)>;
bool writeOutliers(const test::TinyModel& model, const fs::path& path, const Change& change) {
    const GgufWriter writer = describeTinyModel(model);
    const auto weights = test::tinyWeights(writer, model.seed);
    return writer
        .write(path,
               [&](const GgufRowRange& range, std::span<std::byte> out) -> Status {
                   SOTTO_TRY(weights(range, out));
                   const GgufTensorPlan& tensor = writer.tensors()[range.tensorIndex];
                   const auto width = static_cast<std::size_t>(tensor.shape.front());
                   std::vector<float> values(out.size() / sizeof(float));
                   std::memcpy(values.data(), out.data(), out.size());
                   for (std::size_t index = 0; index < values.size(); ++index)
                       values[index] *= outlier(
                           tensor.name, range.firstRow + static_cast<std::int64_t>(index / width),
                           static_cast<std::int64_t>(index % width));
                   if (change) change(range.tensorIndex, range.firstRow, values);
                   std::memcpy(out.data(), values.data(), out.size());
                   return {};
               })
        .has_value();
}

std::vector<float> weightsIn(const GgufFile& file, std::string_view name) {
    const GgufTensor& tensor = *file.find(name);
    std::vector<float> values(static_cast<std::size_t>(tensor.elementCount()));
    dequantizeRow(tensor.type, tensor.bytes, values);
    return values;
}

}  // namespace

class AwqTest : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;
    test::TinyModel m_model;
    std::string m_type;
    fs::path at(const std::string& name) const {
        return fs::path(m_folder->path().toStdString()) / name;
    }
    QuantizeOptions optionsFor(ModelMethod method = ModelMethod::Awq) const {
        QuantizeOptions options;
        options.source = at("source.gguf");
        options.target = at("target.gguf");
        options.type = m_type;
        options.method = method;
        options.importance = at("own.imatrix");
        options.nThreads = 2;
        return options;
    }
    void makeSource(const QString& architecture);
    // A file of these tensors alone, of the same size everywhere, and an importance matrix of
    // `important`, every sixteenth column of which has inputs a hundred times as large.
    void makeParts(const std::string& architecture, const std::vector<GgufTensorPlan>& tensors,
                   float scale, const std::vector<std::string>& important);
    // Of all tensors in quantized types, the part of the output that is error.
    double lossOf(const std::string& target, const ColumnFolds& folds);
    Result<ColumnFolds> folds() const;
    std::vector<float> logits(const std::string& name) const;
    void addFamilies() {
        QTest::addColumn<QString>("architecture");
        for (const char* name : {"llama", "qwen2", "qwen3", "qwen3moe"})
            QTest::newRow(name) << name;
    }

private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_type = "Q4_0";
    }

    void foldedModel_computesTheSame_data() { addFamilies(); }
    void foldedModel_computesTheSame();
    void outputs_loseLessThanBySearching_data() { addFamilies(); }
    void outputs_loseLessThanBySearching();
    void newFile_saysHowAndAnswers();
    void nothingToGain_isTold();
    void nothingToTry_isTold_data();
    void nothingToTry_isTold();
    void dividedMatrix_counts();
    void oddShapes_stayAsTheyAre_data();
    void oddShapes_stayAsTheyAre();
    void badInput_isOneSentence();
};

void AwqTest::makeSource(const QString& architecture) {
    m_model = {};
    m_model.architecture = architecture.toStdString();
    if (m_model.architecture == "qwen3moe") m_model.nExperts = 4;
    QVERIFY(writeOutliers(m_model, at("source.gguf"), {}));
    ImatrixOptions options;
    options.output = at("own.imatrix");
    options.contextTokens = 128;
    std::string text;
    for (int line = 0; line < 60; ++line) text += "the cat sat on the mat and the dog ran. ";
    LoadOptions load;
    load.path = at("source.gguf");
    const auto measured = measureImatrix({}, load, text, options, {});
    QVERIFY2(measured.has_value(), measured ? "" : measured.error().message.c_str());
}

Result<ColumnFolds> AwqTest::folds() const {
    SOTTO_ASSIGN(const QuantizeReport plan, planQuantization(optionsFor()));
    SOTTO_ASSIGN(const auto source, openTensorSource(at("source.gguf")));
    SOTTO_ASSIGN(const ImportanceMatrix importance, readImportance(at("own.imatrix")));
    ThreadPool pool(2);
    return chooseFolds(
        {.source = *source, .tensors = plan.tensors, .importance = importance, .pool = pool});
}

std::vector<float> AwqTest::logits(const std::string& name) const {
    LoadOptions load;
    load.path = at(name);
    load.kv = {KvType::F32, KvType::F32};
    EngineOptions engine;
    engine.device = "cpu";
    engine.kernels = KernelChoice::Reference;
    std::vector<float> all;
    const std::vector<std::int32_t> tokens{1, 5, 9, 12, 40, 77, 3, 120, 200, 11};
    const Status status = evaluateLogits(engine, load, tokens,
                                         [&](std::int64_t, std::span<const float> row) {
                                             all.insert(all.end(), row.begin(), row.end());
                                         },
                                         {});
    return status ? all : std::vector<float>();
}

void AwqTest::foldedModel_computesTheSame() {
    QFETCH(const QString, architecture);
    makeSource(architecture);
    const auto chosen = folds();
    QVERIFY2(chosen.has_value(), chosen ? "" : chosen.error().message.c_str());
    // Each kind of fold is there: what is divided is named.
    const GgufWriter writer = describeTinyModel(m_model);
    std::string folded;
    for (std::size_t index = 0; index < writer.tensors().size(); ++index)
        if (chosen->of(index) != nullptr) folded += writer.tensors()[index].name + " ";
    const bool isMixture = m_model.nExperts > 0;
    for (const std::string part :
         {"blk.0.attn_norm.weight", "blk.1.attn_v.weight", "blk.0.attn_q.weight",
          "blk.1.ffn_norm.weight", "blk.1.attn_output.weight",
          isMixture ? "blk.0.ffn_down_exps.weight" : "blk.0.ffn_down.weight",
          isMixture ? "blk.0.ffn_gate_inp.weight" : "blk.0.ffn_gate.weight",
          m_model.architecture == "qwen2" ? "blk.0.attn_v.bias" : "blk.0.attn_k.weight"})
        QVERIFY2(folded.find(part) != std::string::npos, (part + " in " + folded).c_str());

    QVERIFY(writeOutliers(m_model, at("folded.gguf"),
                          [&](std::size_t index, std::int64_t firstRow, std::span<float> values) {
                              if (const TensorFold* const fold = chosen->of(index))
                                  applyFold(*fold, firstRow, values);
                          }));
    const std::vector<float> before = logits("source.gguf"), after = logits("folded.gguf");
    QVERIFY(!before.empty() && before.size() == after.size());
    float largest = 0.0f, worst = 0.0f;
    for (std::size_t index = 0; index < before.size(); ++index) {
        largest = std::max(largest, std::fabs(before[index]));
        worst = std::max(worst, std::fabs(before[index] - after[index]));
    }
    // A scale and its inverse round a product by 2^-22 at most, as do the activations between; of
    // two layers of seven matrices each, through a softmax whose scores are sums of 16 of them.
    QVERIFY2(worst <= 0x1p-22f * 2 * 7 * 16 * largest,
             qPrintable(QString("%1 of %2").arg(double(worst)).arg(double(largest))));
    // Not the same bytes: something was folded.
    QVERIFY(test::readBytes(at("source.gguf")) != test::readBytes(at("folded.gguf")));
}

// As the importance matrix weighs the columns; the sum of what the matrices lose, each as the part
// of its output that is error.
void AwqTest::outputs_loseLessThanBySearching() {
    QFETCH(const QString, architecture);
    makeSource(architecture);
    QuantizeOptions options = optionsFor();
    const auto report = quantizeModel(options, {});
    QVERIFY2(report.has_value(), report ? "" : report.error().message.c_str());
    options.method = ModelMethod::Search;
    options.target = at("searched.gguf");
    options.nThreads = 1;
    QVERIFY(quantizeModel(options, {}).has_value());
    const auto chosen = folds();
    const auto importance = readImportance(at("own.imatrix"));
    const auto source = GgufFile::open(at("source.gguf"));
    const auto mine = GgufFile::open(at("target.gguf"));
    const auto other = GgufFile::open(at("searched.gguf"));
    QVERIFY(chosen && importance && source && mine && other);
    double folded = 0, searched = 0;
    std::int64_t nFolded = 0;
    for (std::size_t index = 0; index < report->tensors.size(); ++index) {
        const QuantizedTensor& tensor = report->tensors[index];
        const TensorFold* const fold = chosen->of(index);
        nFolded += fold != nullptr ? 1 : 0;
        if (tensor.to != DType::Q4_0 || !importance->entries.contains(tensor.name)) continue;
        const auto nMatrices =
            static_cast<std::int64_t>(importance->entries.at(tensor.name).counts.size());
        const auto weights = importance->weightsOf(tensor.name, nMatrices, tensor.shape.front());
        QVERIFY(weights.has_value());
        const std::vector<float> values = weightsIn(*source, tensor.name);
        const std::vector<float> plain = weightsIn(*other, tensor.name);
        std::vector<float> back = weightsIn(*mine, tensor.name);
        const auto width = static_cast<std::size_t>(tensor.shape.front());
        const std::size_t rowsPerMatrix =
            values.size() / width / static_cast<std::size_t>(nMatrices);
        RowLoss withFolds, without;
        for (std::size_t row = 0; row < values.size() / width; ++row) {
            const auto own = std::span(*weights).subspan(row / rowsPerMatrix * width, width);
            const auto backRow = std::span(back).subspan(row * width, width);
            for (std::size_t column = 0; fold != nullptr && column < width; ++column)
                backRow[column] /=
                    fold->factor(static_cast<std::int64_t>(row), static_cast<std::int64_t>(column));
            const auto valueRow = std::span(values).subspan(row * width, width);
            withFolds += rowLoss(valueRow, backRow, own);
            without += rowLoss(valueRow, std::span(plain).subspan(row * width, width), own);
        }
        folded += withFolds.share();
        searched += without.share();
    }
    QCOMPARE(report->nFolded, nFolded);
    // No group may lose more than without a fold; with these outliers a twentieth less is little.
    QVERIFY2(folded < 0.95 * searched, qPrintable(QString("%1 of %2").arg(folded).arg(searched)));
}

void AwqTest::newFile_saysHowAndAnswers() {
    makeSource("qwen2");
    QuantizeOptions options = optionsFor();
    const auto plan = planQuantization(options);
    const auto made = quantizeModel(options, {});
    QVERIFY2(plan && made, made ? "" : made.error().message.c_str());
    QCOMPARE(plan->fileBytes, fs::file_size(at("target.gguf")));
    const auto target = GgufFile::open(at("target.gguf"));
    QVERIFY(target.has_value());
    const GgufMetadata& keys = target->metadata();
    QCOMPARE(keys.string("sotto.quantize.recipe").value_or(""),
             std::string_view("Q4_0, method awq"));
    QCOMPARE(keys.unsignedInteger("sotto.quantize.folded_tensors").value_or(0),
             static_cast<std::uint64_t>(made->nFolded));
    QVERIFY(!logits("target.gguf").empty());
    // The threads' number makes no difference.
    options.nThreads = 5;
    options.target = at("second.gguf");
    QVERIFY(quantizeModel(options, {}).has_value());
    QVERIFY(test::readBytes(at("target.gguf")) == test::readBytes(at("second.gguf")));
}

// Columns that all matter the same have one scale: the file is the search's.
void AwqTest::nothingToGain_isTold() {
    makeSource("llama");
    auto importance = readImportance(at("own.imatrix"));
    QVERIFY(importance.has_value());
    for (auto& [name, entry] : importance->entries) {
        std::ranges::fill(entry.sums, 3.0f);
        std::ranges::fill(entry.counts, 3.0f);
    }
    QVERIFY(writeImportance(*importance, at("even.imatrix"), {}).has_value());
    QuantizeOptions options = optionsFor();
    options.importance = at("even.imatrix");
    const auto made = quantizeModel(options, {});
    QVERIFY2(made.has_value(), made ? "" : made.error().message.c_str());
    QCOMPARE(made->nFolded, std::int64_t{0});
    QVERIFY(std::ranges::any_of(made->warnings, [](const std::string& warning) {
        return warning.find("found nothing to scale") != warning.npos;
    }));
    options.method = ModelMethod::Search;
    options.target = at("searched.gguf");
    QVERIFY(quantizeModel(options, {}).has_value());
    const auto mine = GgufFile::open(at("target.gguf"));
    const auto other = GgufFile::open(at("searched.gguf"));
    QVERIFY(mine && other);
    for (const GgufTensor& tensor : mine->tensors())
        QVERIFY(std::ranges::equal(tensor.bytes, other->find(tensor.name)->bytes));
}

void AwqTest::makeParts(const std::string& architecture, const std::vector<GgufTensorPlan>& tensors,
                        float scale, const std::vector<std::string>& important) {
    GgufWriter writer;
    writer.addValue("general.architecture", architecture);
    writer.addValue(architecture + ".block_count", std::uint32_t{1});
    writer.addValue(architecture + ".attention.head_count", std::uint32_t{4});
    writer.addValue(architecture + ".attention.head_count_kv", std::uint32_t{4});
    ImportanceMatrix importance;
    for (const GgufTensorPlan& tensor : tensors) {
        writer.addTensor(tensor);
        if (std::ranges::find(important, tensor.name) == important.end()) continue;
        const std::int64_t nMatrices = tensor.shape.size() > 2 ? tensor.shape[2] : 1;
        ImportanceEntry& entry = importance.entries[tensor.name];
        entry.counts.assign(static_cast<std::size_t>(nMatrices), 1.0f);
        entry.sums.assign(static_cast<std::size_t>(nMatrices * tensor.shape.front()), 1.0f);
        for (std::size_t column = 5; column < entry.sums.size(); column += 16)
            entry.sums[column] = 1e4f;
    }
    const auto weights = test::tinyWeights(writer, 3);
    const auto scaled = [&](const GgufRowRange& range, std::span<std::byte> out) -> Status {
        SOTTO_TRY(weights(range, out));
        std::vector<float> values(out.size() / sizeof(float));
        std::memcpy(values.data(), out.data(), out.size());
        for (float& value : values) value *= scale;
        std::memcpy(out.data(), values.data(), out.size());
        return {};
    };
    QVERIFY(writer.write(at("source.gguf"), scaled).has_value());
    QVERIFY(writeImportance(importance, at("own.imatrix"), {}).has_value());
}

double AwqTest::lossOf(const std::string& target, const ColumnFolds& folds) {
    const auto importance = readImportance(at("own.imatrix"));
    const auto source = GgufFile::open(at("source.gguf"));
    const auto made = GgufFile::open(at(target));
    if (!importance || !source || !made) return -1;
    double sum = 0;
    for (std::size_t index = 0; index < made->tensors().size(); ++index) {
        const GgufTensor& tensor = made->tensors()[index];
        const std::vector<float> values = weightsIn(*source, tensor.name);
        std::vector<float> back = weightsIn(*made, tensor.name);
        const auto width = static_cast<std::size_t>(tensor.shape.front());
        const auto weights =
            importance->weightsOf(tensor.name, 1, static_cast<std::int64_t>(width));
        if (!weights) return -1;
        RowLoss loss;
        for (std::size_t row = 0; row < values.size() / width; ++row) {
            const auto backRow = std::span(back).subspan(row * width, width);
            if (const TensorFold* const fold = folds.of(index))
                for (std::size_t column = 0; column < width; ++column)
                    backRow[column] /= fold->factor(static_cast<std::int64_t>(row),
                                                    static_cast<std::int64_t>(column));
            loss += rowLoss(std::span(values).subspan(row * width, width), backRow, *weights);
        }
        sum += loss.share();
    }
    return sum;
}

// Weights whose scales are near the smallest halves, which rows that are divided come below.
void AwqTest::dividedMatrix_counts() {
    makeParts("llama",
              {{"blk.0.ffn_up.weight", DType::F32, {256, 256}},
               {"blk.0.ffn_down.weight", DType::F32, {256, 64}}},
              0.005f, {"blk.0.ffn_down.weight"});
    m_type = "Q6_K";
    QuantizeOptions options = optionsFor();
    QVERIFY(quantizeModel(options, {}).has_value());
    options.method = ModelMethod::Search;
    options.target = at("searched.gguf");
    QVERIFY(quantizeModel(options, {}).has_value());
    const auto chosen = folds();
    QVERIFY(chosen.has_value());
    // All rows are in the samples, and no fold is one of the choices: but for roundings of the
    // costs none can lose more.
    const double folded = lossOf("target.gguf", *chosen), searched = lossOf("searched.gguf", {});
    QVERIFY(searched > 0);
    QVERIFY2(folded <= 1.001 * searched, qPrintable(QString("%1 of %2").arg(folded).arg(searched)));
}

void AwqTest::oddShapes_stayAsTheyAre_data() {
    QTest::addColumn<bool>("isFlat");
    QTest::newRow("values of one dimension") << true;
    QTest::newRow("fewer queries than keys") << false;
}

void AwqTest::oddShapes_stayAsTheyAre() {
    QFETCH(const bool, isFlat);
    if (isFlat)
        makeParts("llama",
                  {{"blk.0.attn_v.weight", DType::F32, {64}},
                   {"blk.0.attn_output.weight", DType::F32, {64, 64}}},
                  1.0f, {"blk.0.attn_output.weight"});
    else
        makeParts("llama",
                  {{"blk.0.attn_norm.weight", DType::F32, {64}},
                   {"blk.0.attn_q.weight", DType::F32, {64, 64, 2}},
                   {"blk.0.attn_k.weight", DType::F32, {64, 64, 3}},
                   {"blk.0.attn_v.weight", DType::F32, {64, 64}}},
                  1.0f, {"blk.0.attn_q.weight", "blk.0.attn_k.weight", "blk.0.attn_v.weight"});
    const auto made = quantizeModel(optionsFor(), {});
    QVERIFY2(made.has_value(), made ? "" : made.error().message.c_str());
    QCOMPARE(made->nFolded, std::int64_t{0});
}

void AwqTest::nothingToTry_isTold_data() {
    QTest::addColumn<QString>("architecture");
    QTest::addColumn<QString>("important");
    QTest::addColumn<QString>("part");
    QTest::newRow("another family") << "gemma3"
                                    << "blk.0.ffn_down.weight"
                                    << "knows no matrices";
    QTest::newRow("no entries") << "llama"
                                << "blk.0.ffn_up.weight"
                                << "the importance matrix has none";
}

void AwqTest::nothingToTry_isTold() {
    QFETCH(const QString, architecture);
    QFETCH(const QString, important);
    QFETCH(const QString, part);
    makeParts(architecture.toStdString(),
              {{"blk.0.ffn_up.weight", DType::F32, {64, 64}},
               {"blk.0.ffn_down.weight", DType::F32, {64, 64}}},
              1.0f, {important.toStdString()});
    const auto made = quantizeModel(optionsFor(), {});
    QVERIFY2(made.has_value(), made ? "" : made.error().message.c_str());
    QCOMPARE(made->nFolded, std::int64_t{0});
    const auto isTold = [&](const std::string& words) {
        return std::ranges::any_of(made->warnings, [&](const std::string& warning) {
            return warning.find(words) != warning.npos;
        });
    };
    QVERIFY(isTold(part.toStdString()));
    QVERIFY(!isTold("found nothing to scale"));
}

void AwqTest::badInput_isOneSentence() {
    makeSource("llama");
    QuantizeOptions options = optionsFor();
    options.importance.clear();
    const auto result = quantizeModel(options, {});
    QVERIFY(!result && result.error().code == ErrorCode::InvalidArgument);
    QVERIFY2(result.error().message.find("needs an importance matrix") != std::string::npos,
             result.error().message.c_str());
    QVERIFY(!fs::exists(options.target));
    options = optionsFor();
    int nLeft = 3;
    const auto stopped = quantizeModel(options, [&](const auto&) { return --nLeft > 0; });
    QVERIFY(!stopped && stopped.error().code == ErrorCode::Cancelled);
    QVERIFY(!fs::exists(options.target));
}

QTEST_GUILESS_MAIN(AwqTest)
#include "awq_test.moc"
