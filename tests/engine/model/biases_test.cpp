// Biases of q, k and v, which files of one family have or not: added where they are, missed by
// nobody where they are not, and of the shape that the keys ask for.
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>

#include "engine/kernels/reference/reference_kernels.h"
#include "tests/engine/model/model_runner.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;

namespace {

const std::vector<std::int32_t> kTokens{1, 5, 9, 3};

test::TinyModel tinyModel(const QString& architecture, bool hasBias) {
    test::TinyModel model;
    model.architecture = architecture.toStdString();
    if (architecture == "qwen3moe") {
        model.nFf = 32;
        model.nExperts = 4;
    }
    model.hasInputBias = hasBias;
    return model;
}

enum class Biases { Random, Zero };

}  // namespace

class BiasesTest : public QObject {
    Q_OBJECT

private slots:
    void init() { QVERIFY(m_folder.isValid()); }

    void biases_areAddedWhereTheyAre_data();
    void biases_areAddedWhereTheyAre();
    void biasOfAnotherLength_isRefusedByName_data() { biases_areAddedWhereTheyAre_data(); }
    void biasOfAnotherLength_isRefusedByName();

private:
    Result<std::vector<std::vector<float>>> logits(const test::TinyModel& model, Biases biases) {
        const std::filesystem::path path = m_folder.filePath("tiny.gguf").toStdString();
        const GgufWriter writer = test::describeTinyModel(model);
        const GgufRowSource weights = test::tinyWeights(writer, 1);
        SOTTO_TRY(writer.write(path, [&](const GgufRowRange& range, std::span<std::byte> out) {
            const bool isBias = writer.tensors()[range.tensorIndex].name.ends_with(".bias");
            if (!isBias || biases == Biases::Random) return weights(range, out);
            std::fill(out.begin(), out.end(), std::byte{0});
            return Status{};
        }));
        SOTTO_ASSIGN(const auto runner, ModelRunner::open(path, createReferenceKernels(), {}));
        return runner->step(kTokens);
    }

    QTemporaryDir m_folder;
};

void BiasesTest::biases_areAddedWhereTheyAre_data() {
    QTest::addColumn<QString>("architecture");
    for (const char* name : {"llama", "qwen2", "qwen3", "qwen3moe"})
        QTest::newRow(name) << QString(name);
}

void BiasesTest::biases_areAddedWhereTheyAre() {
    QFETCH(QString, architecture);
    const auto without = logits(tinyModel(architecture, false), Biases::Random);
    QVERIFY2(without, without ? "" : without.error().message.c_str());
    const auto zero = logits(tinyModel(architecture, true), Biases::Zero);
    QVERIFY2(zero, zero ? "" : zero.error().message.c_str());
    const auto random = logits(tinyModel(architecture, true), Biases::Random);
    QVERIFY2(random, random ? "" : random.error().message.c_str());
    QCOMPARE(without->size(), kTokens.size());
    QVERIFY(*zero == *without);
    for (std::size_t row = 0; row < kTokens.size(); ++row)
        QVERIFY((*random)[row] != (*without)[row]);
}

void BiasesTest::biasOfAnotherLength_isRefusedByName() {
    QFETCH(QString, architecture);
    for (const std::string name : {"attn_q.bias", "attn_k.bias", "attn_v.bias"}) {
        GgufWriter writer = test::describeTinyModel(tinyModel(architecture, false));
        writer.addTensor({"blk.1." + name, DType::F32, {48}});
        const auto bytes = writer.toBytes(test::tinyWeights(writer, 1));
        QVERIFY(bytes);
        const auto file = parseModelFile(*bytes, "tiny.gguf");
        QVERIFY(!file);
        QCOMPARE(file.error().code, ErrorCode::FileDamaged);
        QVERIFY2(file.error().message.find("blk.1." + name) != std::string::npos,
                 file.error().message.c_str());
    }
}

QTEST_APPLESS_MAIN(BiasesTest)
#include "biases_test.moc"
