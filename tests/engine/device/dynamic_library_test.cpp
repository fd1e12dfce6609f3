#include <QFile>
#include <QtTest>
#include <cmath>

#include "engine/device/dynamic_library.h"
#include "engine/device/process_id.h"

using namespace sotto;

class DynamicLibraryTest : public QObject {
    Q_OBJECT
private slots:
    void open_missingLibrary_isFileNotFoundByName();
    void load_findsWhatIsThereAndNullOtherwise();
    void moved_closesOnce();
    void open_neverClosing_staysInTheProcess();
    void processId_isTheSystems();
};

void DynamicLibraryTest::open_missingLibrary_isFileNotFoundByName() {
    const auto library = DynamicLibrary::open("libsotto-is-not-here.so.1");
    QVERIFY(!library.has_value());
    QCOMPARE(library.error().code, ErrorCode::FileNotFound);
    QCOMPARE(library.error().context, std::string("libsotto-is-not-here.so.1"));
    QVERIFY(library.error().message.find("libsotto-is-not-here.so.1") != std::string::npos);
}

void DynamicLibraryTest::load_findsWhatIsThereAndNullOtherwise() {
    // The C library's mathematics: on every machine, under a name that only Linux uses.
    const auto library = DynamicLibrary::open("libm.so.6");
    if (!library) QSKIP("no libm.so.6 on this system");
    double (*cosine)(double) = nullptr;
    library->load("cos", cosine);
    QVERIFY(cosine != nullptr);
    QCOMPARE(cosine(0.0), 1.0);
    library->load("sotto_has_no_such_function", cosine);
    QVERIFY(cosine == nullptr);
    DynamicLibrary().load("cos", cosine);
    QVERIFY(cosine == nullptr);
}

void DynamicLibraryTest::moved_closesOnce() {
    auto library = DynamicLibrary::open("libm.so.6");
    if (!library) QSKIP("no libm.so.6 on this system");
    DynamicLibrary moved = std::move(*library);
    double (*cosine)(double) = nullptr;
    library->load("cos", cosine);
    QVERIFY(cosine == nullptr);
    moved.load("cos", cosine);
    QVERIFY(cosine != nullptr);
}

void DynamicLibraryTest::open_neverClosing_staysInTheProcess() {
    // Of the C library, and used by nobody.
    const char* const name = "libBrokenLocale.so.1";
    const auto isLoaded = [&] {
        QFile maps("/proc/self/maps");
        return maps.open(QIODevice::ReadOnly) && maps.readAll().contains("libBrokenLocale");
    };
    {
        const auto library = DynamicLibrary::open(name);
        if (!library || !isLoaded()) QSKIP("a library of Linux, whose kernel lists what is loaded");
    }
    QVERIFY(!isLoaded());
    QVERIFY(DynamicLibrary::open(name, DynamicLibrary::Closing::Never));
    QVERIFY(isLoaded());
    QVERIFY(DynamicLibrary::open(name));
    QVERIFY(isLoaded());
}

void DynamicLibraryTest::processId_isTheSystems() {
    QCOMPARE(qint64(processId()), QCoreApplication::applicationPid());
}

QTEST_APPLESS_MAIN(DynamicLibraryTest)
#include "dynamic_library_test.moc"
