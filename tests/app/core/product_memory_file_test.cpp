// What was measured is there at the next start, for the same version of the program, and a file
// that is no such file is none.
#include "app/core/product_memory_file.h"

#include <QtTest>
#include <fstream>

using namespace sotto::app;

class ProductMemoryFileTest : public QObject {
    Q_OBJECT

private slots:
    void kept_isThereAtTheNextStart();
    void otherVersion_isMeasuredAnew();
    void damagedLines_sayNothing();
    void folderThatCannotBeMade_keepsForThisRun();

private:
    std::filesystem::path path() const {
        return productMemoryPath(m_folder.path().toStdString() + "/cache");
    }
    QTemporaryDir m_folder;
};

void ProductMemoryFileTest::kept_isThereAtTheNextStart() {
    {
        ProductMemoryFile memory(path());
        QVERIFY(!memory.isLibraryFaster("a card, Q4_K 4096x4096"));
        memory.keep("a card, Q4_K 4096x4096", true);
        memory.keep("a card, F16 64x64", false);
        QCOMPARE(memory.isLibraryFaster("a card, Q4_K 4096x4096"), std::optional(true));
    }
    ProductMemoryFile again(path());
    QCOMPARE(again.isLibraryFaster("a card, Q4_K 4096x4096"), std::optional(true));
    QCOMPARE(again.isLibraryFaster("a card, F16 64x64"), std::optional(false));
    QVERIFY(!again.isLibraryFaster("another card, F16 64x64"));
}

void ProductMemoryFileTest::otherVersion_isMeasuredAnew() {
    ProductMemoryFile(path()).keep("a", true);
    std::ifstream in(path());
    std::string text((std::istreambuf_iterator<char>(in)), {});
    in.close();
    text.insert(text.find(' ') + 1, "9");
    std::ofstream(path()) << text;
    QVERIFY(!ProductMemoryFile(path()).isLibraryFaster("a"));
}

void ProductMemoryFileTest::damagedLines_sayNothing() {
    ProductMemoryFile(path()).keep("a", true);
    std::ofstream(path(), std::ios::app) << "\n\t\nperhaps\tb\nlibrary c\nown\td";
    ProductMemoryFile memory(path());
    QCOMPARE(memory.isLibraryFaster("a"), std::optional(true));
    QVERIFY(!memory.isLibraryFaster("b"));
    QVERIFY(!memory.isLibraryFaster("c"));
    QCOMPARE(memory.isLibraryFaster("d"), std::optional(false));
}

void ProductMemoryFileTest::folderThatCannotBeMade_keepsForThisRun() {
    const std::string file = m_folder.path().toStdString() + "/file";
    std::ofstream(file) << "no folder";
    for (const std::filesystem::path& nowhere :
         {std::filesystem::path(file) / "sotto-products.txt", std::filesystem::path()}) {
        ProductMemoryFile memory(nowhere);
        memory.keep("a", true);
        QCOMPARE(memory.isLibraryFaster("a"), std::optional(true));
    }
}

QTEST_GUILESS_MAIN(ProductMemoryFileTest)
#include "product_memory_file_test.moc"
