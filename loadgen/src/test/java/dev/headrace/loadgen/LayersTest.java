package dev.headrace.loadgen;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.headrace")
class LayersTest {
  @ArchTest
  static final ArchRule nothing_below_knows_the_laboratory =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.headrace.loadgen..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.headrace.loadgen..");

  @ArchTest
  static final ArchRule the_laboratory_uses_what_the_engine_exports =
      noClasses()
          .that()
          .resideInAPackage("dev.headrace.loadgen..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.headrace.internal..");

  @ArchTest
  static final ArchRule what_measures_knows_neither_workloads_nor_reports =
      noClasses()
          .that()
          .resideInAPackage("dev.headrace.loadgen.measure")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.headrace.loadgen.load", "dev.headrace.loadgen.report");
}
