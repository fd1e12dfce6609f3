// Packed and scaled weights against what numpy makes of them by each form's definition
// (tests/golden/packed/make_packed.py): bit for bit.
#include "engine/hf/stored_matrix.h"

#include <QtTest/QtTest>

#include <QTemporaryDir>

#include <cstring>

#include "tests/support/golden_files.h"
#include "tests/support/raw_safetensors.h"

using namespace sotto;
namespace fs = std::filesystem;

namespace {

const fs::path kPacked = fs::path(SOTTO_GOLDEN_DIR) / "packed";

HfQuantization form(const char* method, std::int64_t nBits = 4, std::int64_t groupSize = 32) {
    HfQuantization quantization;
    quantization.method = method;
    quantization.nBits = nBits;
    quantization.groupSize = groupSize;
    quantization.scaleRows = quantization.scaleColumns = 32;
    return quantization;
}

struct PackedFile {
    const char* name;
    HfQuantization quantization;
};

std::vector<PackedFile> packedFiles() {
    HfQuantization second = form("gptq");
    second.isZeroOffByOne = false;
    return {{"gptq4", form("gptq")},
            {"gptq4-sorted", form("gptq")},
            {"gptq4-second", second},
            {"gptq3", form("gptq", 3)},
            {"gptq2", form("gptq", 2, -1)},
            {"gptq8", form("gptq", 8, 16)},
            {"awq4", form("awq")},
            {"nf4", form("bitsandbytes")},
            {"nf4-nested", form("bitsandbytes")},
            {"fp4", form("bitsandbytes")},
            {"fp8-block", form("fp8")},
            {"fp8-row", form("compressed-tensors")},
            {"fp8-tensor", form("fp8")},
            {"fp8-e5m2", form("fp8")}};
}

}  // namespace

class StoredMatrixTest : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path folder() const { return fs::path(m_folder->path().toStdString()); }

    // The checkpoint `name` of tests/golden/packed, without the tensor `leftOut`.
    Result<Checkpoint> openWithout(const char* name, const std::string& leftOut) const {
        const auto bytes = test::readBytes(kPacked / (std::string(name) + ".safetensors"));
        auto tensors = parseSafetensors(bytes, name);
        if (!tensors) return fail(std::move(tensors.error()));
        test::RawSafetensors raw;
        for (const StoredTensor& tensor : *tensors)
            if (tensor.name != leftOut)
                raw.tensors.push_back({tensor.name,
                                       tensor.typeName,
                                       tensor.shape,
                                       {tensor.bytes.begin(), tensor.bytes.end()}});
        if (!test::writeBytes(folder() / "model.safetensors", raw.bytes()))
            return fail(ErrorCode::Io, "not written");
        return Checkpoint::open(folder());
    }

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void weights_areThoseOfTheDefinition_data() {
        QTest::addColumn<int>("index");
        const auto files = packedFiles();
        for (std::size_t index = 0; index < files.size(); ++index)
            QTest::newRow(files[index].name) << static_cast<int>(index);
    }
    void weights_areThoseOfTheDefinition() {
        QFETCH(int, index);
        const PackedFile file = packedFiles()[static_cast<std::size_t>(index)];
        const auto checkpoint = openWithout(file.name, "");
        QVERIFY2(checkpoint.has_value(), checkpoint ? "" : checkpoint.error().message.c_str());
        const auto matrix = openStoredMatrix(*checkpoint, "m.weight", file.quantization);
        QVERIFY2(matrix.has_value(), matrix ? "" : matrix.error().message.c_str());
        QVERIFY(*matrix != nullptr);
        QCOMPARE((*matrix)->type(), DType::F32);

        const auto expected = test::readBytes(kPacked / (std::string(file.name) + ".f32"));
        const auto nBytes = static_cast<std::size_t>((*matrix)->nColumns()) * sizeof(float);
        QCOMPARE(static_cast<std::size_t>((*matrix)->nRows()) * nBytes, expected.size());
        std::vector<std::byte> row(nBytes);
        for (std::int64_t at = 0; at < (*matrix)->nRows(); ++at) {
            (*matrix)->readRow(at, row);
            QVERIFY2(
                std::memcmp(row.data(), expected.data() + static_cast<std::size_t>(at) * nBytes,
                            nBytes) == 0,
                qPrintable(QStringLiteral("row %1").arg(at)));
        }
    }

    void partThatIsMissing_isNamed_data() {
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("part");
        QTest::addColumn<QByteArray>("sentence");
        const auto row = [](const char* file, const char* method, const char* part,
                            const char* sentence) {
            QTest::newRow(sentence) << QByteArray(file) << QByteArray(method) << QByteArray(part)
                                    << QByteArray(sentence);
        };
        row("gptq4", "gptq", "m.scales", "'m.scales' is missing");
        row("gptq4", "gptq", "m.qzeros", "'m.qzeros' is missing");
        row("nf4", "bitsandbytes", "m.weight.quant_map", "'m.weight.quant_map' is missing");
        row("nf4-nested", "bitsandbytes", "m.weight.nested_absmax", "nested_absmax' is missing");
        row("fp8-row", "fp8", "m.weight_scale", "is stored in 8 bits and has no scale");
        row("gptq4", "marlin", "", "by the method 'marlin'");
        row("nf4", "bitsandbytes", "m.weight.quant_state.bitsandbytes__nf4", "has no state of");
    }
    void partThatIsMissing_isNamed() {
        QFETCH(QByteArray, file);
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, part);
        QFETCH(QByteArray, sentence);
        const auto checkpoint = openWithout(file.constData(), part.toStdString());
        QVERIFY(checkpoint.has_value());
        const auto matrix = openStoredMatrix(*checkpoint, "m.weight", form(method.constData()));
        QVERIFY(!matrix.has_value());
        QVERIFY2(matrix.error().message.find(sentence.toStdString()) != std::string::npos,
                 matrix.error().message.c_str());
    }

    // Sizes that do not fit together never become an index.
    void sizesThatDoNotFit_areRefused() {
        const auto isRefused = [&](const char* file, const HfQuantization& quantization) {
            const auto checkpoint = openWithout(file, "");
            return checkpoint && !openStoredMatrix(*checkpoint, "m.weight", quantization);
        };
        QVERIFY(isRefused("gptq4", form("gptq", 8)));
        QVERIFY(isRefused("gptq4", form("gptq", 4, 16)));
        QVERIFY(isRefused("gptq4", form("gptq", 5)));
        QVERIFY(isRefused("gptq8", form("gptq", 3, 16)));
        QVERIFY(isRefused("awq4", form("awq", 4, 64)));
        QVERIFY(isRefused("awq4", form("awq", 8)));
        HfQuantization other = form("fp8");
        other.scaleRows = 16;
        QVERIFY(isRefused("fp8-block", other));
    }

    void groupThatIsNone_isRefused() {
        const auto bytes = test::readBytes(kPacked / "gptq4-sorted.safetensors");
        const auto tensors = parseSafetensors(bytes, "gptq4-sorted");
        QVERIFY(tensors.has_value());
        test::RawSafetensors raw;
        for (const StoredTensor& tensor : *tensors)
            raw.tensors.push_back({tensor.name,
                                   tensor.typeName,
                                   tensor.shape,
                                   {tensor.bytes.begin(), tensor.bytes.end()}});
        for (test::RawStored& tensor : raw.tensors)
            if (tensor.name == "m.g_idx") tensor.bytes[4] = std::byte{2};
        QVERIFY(test::writeBytes(folder() / "model.safetensors", raw.bytes()));
        const auto checkpoint = Checkpoint::open(folder());
        QVERIFY(checkpoint.has_value());
        const auto matrix = openStoredMatrix(*checkpoint, "m.weight", form("gptq"));
        QVERIFY(!matrix.has_value());
        QVERIFY2(matrix.error().message.find("names group 2 of 2") != std::string::npos,
                 matrix.error().message.c_str());
    }
};

QTEST_APPLESS_MAIN(StoredMatrixTest)
#include "stored_matrix_test.moc"
