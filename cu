https://localhost:33241
