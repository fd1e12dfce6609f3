// The table of tensor types, and that a number outside it ends the program with the type's name
// instead of being computed as some other type.
#include "engine/tensor/dtype.h"

#include <QProcess>
#include <QtTest/QtTest>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "engine/kernels/cpu/kernel_table.h"
#include "engine/quant/dequantize_reference.h"
#include "engine/quant/random_weights.h"

using namespace sotto;

namespace {

// A type of GGUF that no switch has a case for.
constexpr auto kUnknown = static_cast<DType>(9);

struct Use {
    const char* report;  // how it begins
    void (*call)();
};

constexpr Use kUses[] = {
    {"dtypeTraits does not know tensor type Q8_1", [] { dtypeTraits(kUnknown); }},
    {"randomScales does not know tensor type Q8_1", [] { randomScales(kUnknown, 1.0f); }},
    {"isPackedType does not know tensor type Q8_1", [] { cpu::isPackedType(kUnknown); }},
    {"packedTypeIndex does not know tensor type Q8_1", [] { cpu::packedTypeIndex(kUnknown); }},
    {"packedTypeIndex does not know tensor type F32", [] { cpu::packedTypeIndex(DType::F32); }},
    {"floatTypeIndex does not know tensor type Q8_1", [] { cpu::floatTypeIndex(kUnknown); }},
    {"floatTypeIndex does not know tensor type Q4_K", [] { cpu::floatTypeIndex(DType::Q4_K); }},
    {"isPackedType does not know tensor type IQ4_NL", [] { cpu::isPackedType(DType::IQ4_NL); }},
};

}  // namespace

class DTypeTest : public QObject {
    Q_OBJECT

private slots:
    void allDTypes_haveNamesNumbersAndWholeBlocks() {
        for (const DType type : allDTypes()) {
            const DTypeTraits& traits = dtypeTraits(type);
            QVERIFY(dtypeFromGguf(static_cast<std::uint32_t>(type)) == type);
            QVERIFY(dtypeFromName(traits.name) == type);
            QCOMPARE(ggufTypeName(static_cast<std::uint32_t>(type)), traits.name);
            QCOMPARE(rowBytes(type, 512),
                     std::size_t{512} / traits.blockElements * traits.blockBytes);
        }
    }

    void kernelDTypes_areThoseOfNoSwitchCaseForTheOthers() {
        const auto isWithout = [](DType type) {
            switch (type) {
                case SOTTO_TYPES_WITHOUT_KERNELS: return true;
                default: return false;
            }
        };
        std::size_t nWith = 0;
        for (const DType type : allDTypes()) {
            QCOMPARE(hasKernels(type), !isWithout(type));
            nWith += hasKernels(type) ? 1 : 0;
        }
        QCOMPARE(nWith, kernelDTypes().size());
    }

    void dtypeFromGguf_ofOtherNumbers_isNothing() {
        std::size_t nKnown = 0;
        for (std::uint32_t number = 0; number < 300; ++number)
            if (dtypeFromGguf(number)) ++nKnown;
        QCOMPARE(nKnown, allDTypes().size());
        QVERIFY(!dtypeFromGguf(static_cast<std::uint32_t>(kUnknown)));
        QVERIFY(!dtypeFromName("Q8_1"));
    }

    void switches_endTheProgramByName_data() {
        QTest::addColumn<int>("index");
        for (int index = 0; index < static_cast<int>(std::size(kUses)); ++index)
            QTest::newRow(kUses[index].report) << index;
    }

    // In a process of its own, which is to end.
    void switches_endTheProgramByName() {
        QFETCH(const int, index);
        QProcess process;
        process.start(QCoreApplication::applicationFilePath(),
                      {QStringLiteral("--use"), QString::number(index)});
        QVERIFY(process.waitForFinished());
        const QByteArray text = process.readAllStandardError();
        QVERIFY2(process.exitStatus() == QProcess::CrashExit, text.constData());
        QVERIFY2(text.contains(kUses[index].report), text.constData());
    }
};

int main(int argumentCount, char** arguments) {
    if (argumentCount == 3 && std::strcmp(arguments[1], "--use") == 0) {
        kUses[std::atoi(arguments[2])].call();
        std::fputs("still running\n", stderr);
        return 0;
    }
    QCoreApplication application(argumentCount, arguments);
    DTypeTest test;
    return QTest::qExec(&test, argumentCount, arguments);
}

#include "dtype_test.moc"
