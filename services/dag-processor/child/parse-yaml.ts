// Reads one YAML DAG file: a program of its own, because a hostile document may be deep or endless.
import { readFileSync } from 'node:fs';
import { importErrorText } from '../core/reading/import-error.ts';
import { answerDags, answerError } from './answer.ts';
import { describeError } from './author-error.ts';
import { takeOrder } from './order.ts';
import { readYamlDags } from './yaml/yaml-file.ts';

const order = takeOrder();
try {
  const { dags, problems } = readYamlDags(readFileSync(order.file, 'utf8'));
  if (problems.length > 0) answerError(importErrorText(order.path, problems));
  answerDags(dags);
} catch (error) {
  answerError(describeError(error, order));
}
